// api.js - shows /api/openapi.json as a page; everything goes in as text, never as HTML.
'use strict';

const methods = ['get', 'post', 'put', 'patch', 'delete'];
let spec;

function node(name, text, className) {
	const made = document.createElement(name);

	if (text)
		made.textContent = text;
	if (className)
		made.className = className;
	return made;
}

// Follow references inside the description; a broken one is shown as empty.
function follow(part) {
	for (let hops = 0; part && part.$ref && hops < 8; hops++)
		part = part.$ref.slice(2).split('/').reduce((at, key) =>
		    at && at[key.replaceAll('~1', '/').replaceAll('~0', '~')], spec);
	return part || {};
}

// A schema in a few words: "text, at most 40", "one of a, b", "list of text".
function words(schema) {
	const s = follow(schema);
	const names = { string: 'text', integer: 'whole number', boolean: 'yes or no' };
	const types = [s.type].flat().filter((type) => type && type !== 'null');
	let out = types.map((type) => names[type] || type).join(' or ');

	if (s.const !== undefined)
		return JSON.stringify(s.const);
	if (s.enum)
		out = `one of ${s.enum.filter((v) => v !== null).join(', ')}`;
	if (s.type === 'array' || types.includes('array'))
		out = s.items ? `list of ${words(s.items)}` : 'list';
	for (const many of [s.oneOf, s.anyOf])
		if (many)
			out = many.map(words).join(' or ');
	if (s.format)
		out += ` (${s.format})`;
	if (s.minimum !== undefined || s.maximum !== undefined)
		out += `, ${s.minimum ?? '…'} to ${s.maximum ?? '…'}`;
	if (s.minLength)
		out += `, at least ${s.minLength}`;
	if (s.maxLength)
		out += `, at most ${s.maxLength}`;
	if ([s.type].flat().includes('null'))
		out += ', or null';
	return out || 'anything';
}

function table(heads, rows) {
	const made = node('table');
	const head = made.createTHead().insertRow();
	const body = made.createTBody();

	for (const text of heads) {
		const cell = node('th', text);

		cell.scope = 'col';
		head.append(cell);
	}
	for (const row of rows) {
		const line = body.insertRow();

		for (const [i, text] of row.entries())
			line.insertCell().append(i ? text : node('code', text));
	}
	return made;
}

// Members of an object, those of nested objects with their path.
function members(schema, prefix = '', depth = 0) {
	const s = follow(schema);
	const needed = new Set(s.required);
	const rows = [];

	for (const [name, member] of Object.entries(s.properties || {})) {
		rows.push([prefix + name, words(member),
		    needed.has(name) ? 'needed' : '', follow(member).description || '']);
		if (depth < 2)
			rows.push(...members(member, `${prefix}${name}.`, depth + 1));
	}
	return rows;
}

function section(title, heads, rows) {
	if (!rows.length)
		return [];
	// A column that says nothing is left out.
	const keep = heads.map((_, i) => rows.some((row) => row[i]));
	const only = (row) => row.filter((_, i) => keep[i]);

	return [node('h3', title), table(only(heads), rows.map(only))];
}

function bodyOf(part) {
	const [type, content] = Object.entries(follow(part).content || {})[0] || [];

	return { type, schema: content && content.schema };
}

function operation(path, method, op, shared) {
	const made = node('details');
	const line = node('summary');
	const parameters = [...shared || [], ...op.parameters || []].map(follow);
	const asked = bodyOf(op.requestBody);
	const answers = Object.entries(op.responses || {}).map(([code, part]) => {
		const at = follow(part);
		const { schema } = bodyOf(part);
		const fields = members(schema).filter((row) => !row[0].includes('.'))
		    .map((row) => row[0]).join(', ');

		return [code, at.description || '', fields];
	});

	line.append(node('code', method.toUpperCase(), 'method'), node('code', path),
	    node('span', op.summary, 'note'));
	made.append(line);
	if (op.description && op.description !== op.summary)
		made.append(node('p', op.description));
	made.append(...section('In the address', ['name', 'where', 'what', 'meaning'],
	    parameters.map((p) => [p.name, p.in, words(p.schema), p.description || ''])));
	if (asked.type)
		made.append(...section(`In the body (${asked.type})`,
		    ['member', 'what', 'must', 'meaning'], members(asked.schema)));
	made.append(...section('Answers', ['status', 'meaning', 'members'], answers));
	made.dataset.text = `${method} ${path} ${op.summary || ''}`.toLowerCase();
	return made;
}

function show() {
	const groups = new Map();
	const place = document.getElementById('groups');
	let count = 0;

	for (const tag of spec.tags || [])
		groups.set(tag.name, { about: tag.description, made: [] });
	for (const [path, item] of Object.entries(spec.paths || {}))
		for (const method of methods.filter((name) => item[name])) {
			const op = item[method];
			const name = (op.tags || ['other'])[0];

			if (!groups.has(name))
				groups.set(name, { made: [] });
			groups.get(name).made.push(operation(path, method, op, item.parameters));
			count++;
		}
	for (const [name, group] of groups)
		if (group.made.length) {
			const made = node('section');

			made.append(node('h2', group.about || name), ...group.made);
			place.append(made);
		}
	document.getElementById('about').textContent =
	    `${spec.info.title} ${spec.info.version}: ${count} operations.`;
}

function filter(event) {
	const word = event.target.value.trim().toLowerCase();

	for (const made of document.querySelectorAll('#groups section')) {
		const rows = [...made.querySelectorAll('details')];

		for (const row of rows)
			row.hidden = !row.dataset.text.includes(word);
		made.hidden = rows.every((row) => row.hidden);
	}
}

async function start() {
	try {
		const answer = await fetch('/api/openapi.json');

		if (!answer.ok)
			throw new Error(`status ${answer.status}`);
		spec = await answer.json();
		show();
		document.getElementById('filter').addEventListener('input', filter);
	} catch (reason) {
		document.getElementById('about').textContent =
		    `The description could not be read (${reason.message}). Is the server up?`;
	}
}

start();
