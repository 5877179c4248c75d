// jobs.mjs - were two at once at the same job? The runners' logs tell when
// each run began and ended, the provider when it was asked and had answered.

/* Spans [from, to, what] of one thing that reach into each other. */
function clashes(spans) {
  const wrong = [];

  spans.sort((x, y) => x[0] - y[0]);
  for (let i = 1; i < spans.length; i++)
    if (spans[i][0] < spans[i - 1][1])
      wrong.push(`${spans[i - 1].join(' ')} / ${spans[i].join(' ')}`);
  return wrong;
}

function byThing(list) {
  const map = new Map();

  for (const [thing, ...span] of list)
    map.set(thing, [...map.get(thing) ?? [], span]);
  return [...map.values()].flatMap(clashes);
}

/** Answers {wrong, hosts: [runs on each], asked}. */
export function overlaps(world) {
  const runs = ['a', 'b'].map((name) => world.log(name, 'runner.log')
    .filter((l) => l.msg === 'request' && l.method === 'JOB')
    .map((l) => {
      const end = Date.parse(l.time);
      /* the log has whole milliseconds: two may seem to touch */
      return [l.request_id, end - l.us / 1000 + 1, end, name, l.route];
    }));
  const asked = world.vapi.seen('PATCH /assistant/');

  return { hosts: runs.map((l) => l.length), asked: asked.length,
    wrong: [...byThing(runs.flat()), ...byThing(asked.map((e) =>
      [e.path, e.at, e.done ?? Infinity, 'at the provider', e.path]))] };
}
