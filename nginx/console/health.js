// health.js - asks the server how it is, now and every ten seconds.
'use strict';

const badge = document.getElementById('health');

function show(word, text) {
	badge.className = `badge ${word}`;
	if (badge.textContent !== text)
		badge.textContent = text;
}

async function ask() {
	if (document.hidden)
		return;
	try {
		const answer = await fetch('/api/health', { cache: 'no-store' });
		const body = await answer.json();

		if (answer.ok && body.status === 'ok')
			show('good', 'up and answering');
		else
			show('bad', body.error || 'not well');
	} catch {
		show('bad', 'no answer');
	}
}

async function version() {
	const answer = await fetch('/api/version');

	if (answer.ok) {
		const body = await answer.json();

		document.getElementById('version').textContent =
		    `frontdesk ${body.version || ''}, MIT licence`;
	}
}

if (location.port && location.port !== '8080')
	document.getElementById('demo').textContent += ` --port ${location.port}`;
ask();
setInterval(ask, 10000);
document.addEventListener('visibilitychange', ask);
version().catch(() => {});
