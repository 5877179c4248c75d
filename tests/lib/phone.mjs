// phone.mjs - a server with the stand-ins of Twilio's REST API, over TLS, and
// of a mail server beside it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { startSmtp } from '../fake/smtp.mjs';
import { startTwilioRest } from '../fake/twilio-rest.mjs';
import { startStack } from './stack.mjs';

const stops = [];

after(async () => {
  for (const stop of stops)
    await stop();
});

/** opt: those of startStack; smtp (options of the mail server; false: none). */
export async function startPhone(opt = {}) {
  const rest = await startTwilioRest({ tls: true });
  const smtp = opt.smtp === false ? null :
    await startSmtp({ starttls: true, auth: 'desk:secret-word', ...opt.smtp });
  const dir = mkdtempSync(join(tmpdir(), 'frontdesk-ca-'));
  const caFile = join(dir, 'ca.pem');

  stops.push(() => rest.stop(), async () => smtp?.stop(),
    () => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(caFile, [rest, smtp].filter((f) => f?.caFile)
    .map((f) => readFileSync(f.caFile, 'utf8')).join(''));
  const stack = await startStack({ ...opt, env: {
    FRONTDESK_TWILIO_URL: rest.url, FRONTDESK_CA_FILE: caFile,
    FRONTDESK_TRANSCRIPT_WAIT_MS: '1500',
    ...(smtp ? { FRONTDESK_SMTP_URL: smtp.url,
      FRONTDESK_SMTP_FROM: 'desk@example.com' } : {}), ...opt.env } });
  return Object.assign(stack, { rest, smtp });
}
