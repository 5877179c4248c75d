// days.mjs - dates as people of a time zone see them.

function parts(instant, zone) {
  const f = new Intl.DateTimeFormat('en-CA', { timeZone: zone,
    hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit',
    hour: '2-digit', minute: '2-digit', second: '2-digit',
    weekday: 'short' });
  return Object.fromEntries(f.formatToParts(instant)
    .map((p) => [p.type, p.value]));
}

/** YYYY-MM-DD of an instant in a zone. */
export function dayOf(instant, zone) {
  const p = parts(instant, zone);
  return `${p.year}-${p.month}-${p.day}`;
}

/** Mon, Tue … of an instant in a zone. */
export const weekdayOf = (instant, zone) => parts(instant, zone).weekday;

/** YYYY-MM-DD of the n-th weekday (Mon-Fri) after today. */
export function workday(n, zone = 'America/New_York') {
  const day = new Date();

  for (let left = n; left > 0;) {
    day.setTime(day.getTime() + 86400000);
    if (!/Sat|Sun/.test(weekdayOf(day, zone)))
      left--;
  }
  return dayOf(day, zone);
}

/** The instant at which clocks of the zone show this date and time. */
export function instantOf(date, time, zone = 'America/New_York') {
  const want = Date.parse(`${date}T${time}:00Z`);
  let at = want;

  for (let i = 0; i < 3; i++) {
    const p = parts(new Date(at), zone);
    at += want - Date.parse(`${p.year}-${p.month}-${p.day}T${p.hour}:`
      + `${p.minute}:${p.second}Z`);
  }
  return new Date(at);
}
