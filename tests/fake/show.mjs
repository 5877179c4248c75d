// show.mjs - prints the steps of a story: a sentence, then each request and
// its answer on one line. Colours only on a terminal, secrets never.
const tty = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code) => (s) => (tty ? `\x1b[${code}m${s}\x1b[0m` : s);
const bold = paint('1');
const dim = paint('2');
const green = paint('32');
const red = paint('31');
const blue = paint('36');
const secret = /^(password|auth_token|vapi_api_key|vapi_webhook_secret|access_token|refresh_token)$/;
const textMax = 56;
let step = 0;

const say = (line) => process.stdout.write(`${line}\n`);

function shorten(key, value) {
  if (secret.test(key))
    return '•••';
  if (typeof value === 'string' && value.length > textMax)
    return `${value.slice(0, textMax)}…`;
  return value;
}

/** A body on one line: long texts cut, secrets covered. */
export function compact(body, max = 400) {
  if (body === undefined || body === null || body === '')
    return '';
  const text = typeof body === 'string' ? body.replace(/\s*\n\s*/g, ' ') :
    JSON.stringify(body, shorten);
  return text.length > max ? `${text.slice(0, max)}…` : text;
}

export function headline(text) {
  say(`\n${bold(text)}`);
}

/** The next step, in one plain sentence. */
export function sentence(text) {
  step += 1;
  say(`\n${blue(bold(String(step).padStart(2)))}  ${bold(text)}`);
}

/** Someone asks, someone answers. */
export function exchange(who, line, body, answer, result) {
  const good = answer.status < 400 ? green : red;

  say(`    ${dim(`${who} →`)} ${line} ${dim(compact(body))}`);
  say(`    ${dim(' '.repeat(who.length))} ${dim('←')} `
    + `${good(String(answer.status))} ${compact(result)}`);
}

export function note(text) {
  say(`    ${text}`);
}

export function spoken(who, text) {
  say(`    ${who}: ${green(`“${text}”`)}`);
}

export function failed(text) {
  process.stderr.write(`\n${red('demo failed:')} ${text}\n`);
}
