// xml.mjs - a small strict XML reader: elements, attributes, text, the five
// entities and character references. DTDs, CDATA and namespaces are refused.

const entity = { amp: '&', lt: '<', gt: '>', quot: '"', apos: '\'' };
const nameRe = /[A-Za-z_][A-Za-z0-9_.-]*/y;

function fail(state, why) {
  throw new Error(`XML: ${why} at offset ${state.at}`);
}

function unescape(state, text) {
  if (/&(?!(?:[a-z]+|#\d+|#x[0-9a-fA-F]+);)/.test(text))
    fail(state, 'a bare &');
  return text.replace(/&(?:([a-z]+)|#(\d+)|#x([0-9a-fA-F]+));/g,
    (all, name, dec, hex) => {
      if (name !== undefined && entity[name] === undefined)
        fail(state, `unknown entity ${all}`);
      return name !== undefined ? entity[name] :
        String.fromCodePoint(dec ? Number(dec) : parseInt(hex, 16));
    });
}

function name(state) {
  nameRe.lastIndex = state.at;
  const m = nameRe.exec(state.text);
  if (!m)
    fail(state, 'a name is missing');
  state.at = nameRe.lastIndex;
  return m[0];
}

function space(state) {
  const from = state.at;
  while (/[ \t\r\n]/.test(state.text[state.at] ?? ''))
    state.at++;
  return state.at > from;
}

function attributes(state) {
  const out = {};

  for (;;) {
    const gap = space(state);
    if (/[/>?]/.test(state.text[state.at] ?? '>'))
      return out;
    if (!gap)
      fail(state, 'no space before an attribute');
    const key = name(state);
    if (state.text[state.at++] !== '=')
      fail(state, `no = after ${key}`);
    const quote = state.text[state.at++];
    const end = state.text.indexOf(quote, state.at);
    if ((quote !== '"' && quote !== '\'') || end < 0)
      fail(state, `the value of ${key} is not quoted`);
    const raw = state.text.slice(state.at, end);
    if (raw.includes('<'))
      fail(state, `a bare < in ${key}`);
    if (key in out)
      fail(state, `${key} is there twice`);
    out[key] = unescape(state, raw);
    state.at = end + 1;
  }
}

function element(state, depth) {
  if (depth > 20)
    fail(state, 'too deep');
  state.at++;
  const node = { name: name(state), attrs: attributes(state), kids: [],
    text: '' };
  if (state.text.startsWith('/>', state.at)) {
    state.at += 2;
    return node;
  }
  if (state.text[state.at++] !== '>')
    fail(state, `<${node.name}> does not end`);
  for (;;) {
    const next = state.text.indexOf('<', state.at);
    if (next < 0)
      fail(state, `<${node.name}> is never closed`);
    node.text += unescape(state, state.text.slice(state.at, next));
    state.at = next;
    if (state.text.startsWith('</', next))
      break;
    if (state.text.startsWith('<!', next) || state.text.startsWith('<?', next))
      fail(state, 'a comment, CDATA or instruction');
    node.kids.push(element(state, depth + 1));
  }
  state.at += 2;
  if (name(state) !== node.name)
    fail(state, `<${node.name}> is closed by another name`);
  space(state);
  if (state.text[state.at++] !== '>')
    fail(state, `</${node.name} does not end`);
  return node;
}

/** The root element: {name, attrs, kids, text}. Throws on any flaw. */
export function parseXml(text) {
  const state = { text, at: 0 };

  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffd]/.test(text))
    fail(state, 'a character that XML has not');
  if (text.startsWith('<?xml')) {
    state.at = 5;
    const decl = attributes(state);
    if (!text.startsWith('?>', state.at))
      fail(state, 'the declaration does not end');
    if (decl.version !== '1.0' || !/^utf-8$/i.test(decl.encoding ?? 'utf-8'))
      fail(state, 'not XML 1.0 in UTF-8');
    state.at += 2;
  }
  space(state);
  if (text[state.at] !== '<')
    fail(state, 'no root element');
  const root = element(state, 0);
  space(state);
  if (state.at !== text.length)
    fail(state, 'something follows the root element');
  return root;
}
