// demo-onboarding.mjs - the ways of a new customer, against a running server:
// the set-up wizard, the nine steps, the sessions; then the funnel they make.
//
// usage: demo-onboarding.mjs [--port P]   (default 8080, or FRONTDESK_PORT)
import { hex32 } from './twilio.mjs';
import { send, until } from './net.mjs';
import { expect, findServer, Owner, portOf } from './owner.mjs';
import { failed, headline, note, sentence } from './show.mjs';

const prices = 'A cleaning costs 90.\r\nAn X-ray costs 40.\r\n';

/* One file in a form, as a browser sends it. */
function fileForm(name, text) {
  const mark = `----demo${hex32()}`;

  return { type: `multipart/form-data; boundary=${mark}`,
    body: `--${mark}\r\nContent-Disposition: form-data; name="file"; `
      + `filename="${name}"\r\nContent-Type: text/plain\r\n\r\n${text}\r\n`
      + `--${mark}--\r\n` };
}

/** Four steps in any order; each is saved by itself. */
async function wizard(owner) {
  const { user } = await owner.signUp('A practice signs up, and opens the '
    + 'set-up wizard.');
  const at = `/api/setup/${user.account_id}`;

  sentence('It chooses a voice.');
  await owner.ask('POST', `${at}/voice`, { provider: '11labs',
    voiceId: '21m00Tcm4TlvDq8ikWAM', name: 'Rachel' });
  sentence('It says how calls come in, before it has a file or a PMS.');
  await owner.ask('POST', `${at}/phone`, { method: 'forwarding',
    settings: { mode: 'no_answer' } });
  sentence('It does without a practice system for now: the built-in book '
    + 'serves.');
  await owner.ask('POST', `${at}/integrations`, { provider: 'builtin' });
  sentence('It uploads its prices. The file is on disk before the answer; '
    + 'the runner hands it to Vapi once there is a key.');
  await owner.ask('POST', `${at}/knowledge`, { file: 'prices.txt' }, 200,
    fileForm('prices.txt', prices));
  await owner.ask('GET', `${at}/knowledge`);
  sentence('A file that is not what it says is refused.');
  await owner.ask('POST', `${at}/knowledge`, { file: 'prices.pdf' }, 400,
    fileForm('prices.pdf', prices));
  const { progress, completedAt } = await owner.ask('GET', `${at}/progress`);
  expect(Object.keys(progress).length === 4 && completedAt,
    'the wizard is not complete');
}

/** Nine steps, of which one is skipped. */
async function nineSteps(owner) {
  await owner.signUp('Another practice signs up, and goes the nine steps.');
  sentence('Profile: who and where it is; it accepts the terms.');
  await owner.ask('PATCH', '/api/v1/user/profile', { industry: 'dental',
    timezone: 'Europe/Paris', locale: 'fr', accept_terms: true });
  sentence('Vapi: its key, sealed and never shown again.');
  await owner.ask('POST', '/api/v1/vapi-settings',
    { vapi_api_key: `sandbox-${hex32()}` });
  sentence('Ava, telephony, integrations: saved as they are filled in.');
  await owner.ask('PATCH', '/api/v1/user/studio-config', {
    persona: 'secretary', languages: ['fr', 'en'], tone: 'friendly' });
  await owner.ask('PATCH', '/api/v1/user/studio-config',
    { business_hours: 'Lun-Ven 9h-18h' });
  await owner.ask('PATCH', '/api/v1/user/studio-config',
    { calendar: 'google', workspace_apps: ['slack'] });
  sentence('Twilio: skipped for now.');
  await owner.ask('PATCH', '/api/v1/user/onboarding',
    { onboarding_twilio_skipped: true });
  sentence('Plan, and done.');
  await owner.ask('PATCH', '/api/v1/user/studio-config',
    { plan: 'pro', seats: 2 });
  await owner.ask('POST', '/api/v1/user/complete-onboarding');
}

/** Three steps in a session that lasts seven days. */
async function sessions(owner) {
  await owner.signUp('A third business signs up, and answers a few questions.');
  sentence('It starts a session; the next window goes on with the same.');
  const { id } = await owner.ask('POST', '/api/onboarding/start', {}, 201);
  sentence('Welcome, and the company.');
  await owner.ask('PUT', '/api/onboarding/progress', { sessionId: id,
    currentStep: 2, stepData: { welcome: { fullName: 'Demo Owner',
      role: 'owner' } } });
  await owner.ask('PUT', '/api/onboarding/progress', { sessionId: id,
    currentStep: 3, stepData: { company: { name: 'Example Dental',
      industry: 'Dental practice', size: '1-10' } } });
  sentence('What is advised to such a business: by the AI, or by rules where '
    + 'none is configured; the answer says which.');
  await owner.ask('POST', '/api/onboarding/ai-suggestions',
    { sessionId: id });
  sentence('The organization, and done.');
  const done = await owner.ask('POST', '/api/onboarding/complete',
    { sessionId: id, stepData: { organization: { teamSize: 4 } } });
  expect(done.status === 'completed', 'the session is not complete');
}

/* A way, and a path by which the server says that it has it. */
const ways = [
  ['The set-up wizard', wizard, '/api/setup/{account_id}/progress'],
  ['The nine steps', nineSteps, '/api/user/onboarding'],
  ['A session', sessions, '/api/onboarding/start'],
];

const percent = (share) => (share === null ? '–' :
  `${Math.round(share * 100)} %`);

function showFunnel({ flows }) {
  for (const f of flows.filter((x) => x.started > 0)) {
    note(`${f.flow}: ${f.started} started, ${f.completed} completed `
      + `(${percent(f.completion_rate)})`);
    for (const s of f.steps)
      note(`  ${String(s.step_number).padStart(2)} ${s.step_id.padEnd(14)}`
        + `${String(s.completed).padStart(3)} done ${
          String(s.skipped).padStart(3)} skipped ${
          percent(s.skip_rate).padStart(6)}  median ${
          s.median_seconds === null ? '–' : `${s.median_seconds} s`}`);
  }
}

async function main() {
  const base = `http://127.0.0.1:${portOf(process.argv.slice(2))}`;

  await findServer(base);
  const { paths } = JSON.parse((await send(`${base}/api/openapi.json`)).text);
  for (const [title, go, path] of ways) {
    if (!paths[path])
      continue;
    const owner = new Owner(base);
    headline(title);
    await go(owner);
    sentence('What has been recorded of it, once each, with its cause:');
    const report = await until('the funnel', async () => JSON.parse(
      (await owner.send('GET', '/api/analytics/onboarding')).text));
    showFunnel(report);
    const session = await owner.ask('GET', '/api/auth/session');
    expect(session.user.onboarding_completed, 'the onboarding is not complete');
  }
  headline('Each way has led to the same end: onboarding_completed.');
}

main().catch((e) => {
  failed(e.message);
  process.exitCode = 1;
});
