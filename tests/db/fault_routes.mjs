// fault_routes.mjs - one good request for every route, for the sweep of
// failures. loose: tables that a failing request may change all the same;
// may: statuses below 500 that a failing call may end in.
import { form, sign } from '../fake/twilio.mjs';

export const business = { email: 'owner@example.com',
  password: 'correct horse battery', number: '+14155550100',
  sid: `AC${'0'.repeat(31)}1`, authToken: 'token-fault-0123456789',
  vapiKey: 'sk-fault-0123456789', secret: 'whsec-fault-0123456789',
  publicUrl: 'http://localhost:8080' };
const b = business;

const get = (path) => ({ method: 'GET', path });
const send = (method, path, json, more) => ({ method, path, json, ...more });

const caller = { CallSid: `CA${'0'.repeat(31)}1`, AccountSid: b.sid,
  From: '+14155550111', To: b.number, Called: b.number,
  Caller: '+14155550111', Direction: 'inbound', ApiVersion: '2010-04-01' };

/* A form that Twilio has signed. */
export function twilio(path, more, opt) {
  const params = { ...caller, ...more };

  return { method: 'POST', path, body: form(params), headers: {
    'Content-Type': 'application/x-www-form-urlencoded',
    'X-Twilio-Signature': sign(b.authToken, b.publicUrl + path, params) },
  ...opt };
}

const call = { id: '0b8c5e0e-0000-4000-8000-000000000001',
  type: 'inboundPhoneCall', customer: { number: '+14155550111' } };

function vapi(path, message) {
  return { method: 'POST', path, headers: { 'X-Vapi-Secret': b.secret },
    json: { message: { call, phoneNumber: { number: b.number }, ...message } },
    failed: (r) => r.body?.results?.[0].error !== undefined };
}

const tool = (name, args) => vapi(`/vapi/tools/${name}`, {
  type: 'tool-calls', toolCallList: [{ id: 'call_1', type: 'function',
    function: { name, arguments: args } }] });

/* Numbers that the fault test gives the account at Twilio, or offers. */
export const numbers = { attach: '+14155550160', buy: '+14155550161',
  lines: ['+14155550162', '+14155550163', '+14155550164'] };
const lines = { loose: ['phone_line', 'job', 'directory', 'event',
  'number_proof', 'staff_task'], may: [409] };
const token = { account_sid: `AC${'0'.repeat(31)}2`,
  auth_token: 'token-other-0123456789' };
/* A file in a form. */
const upload = (path, name, text) => ({ method: 'POST', path,
  body: `--x\r\nContent-Disposition: form-data; name="file"; filename="${
    name}"\r\n\r\n${text}\r\n--x--\r\n`,
  type: 'multipart/form-data; boundary=x' });
/* A calendar with one closed day. */
const holidays = (day) => ['BEGIN:VCALENDAR', 'BEGIN:VEVENT',
  `DTSTART;VALUE=DATE:${day.replaceAll('-', '')}`, 'END:VEVENT',
  'END:VCALENDAR', ''].join('\r\n');

const assistant = { name: 'Second', instructions: 'Be kind.' };
/* What is settled with a provider is settled in several transactions. */
const steps = { loose: ['assistant', 'job', 'directory', 'event', 'track'] };

/**
 * day: a date some days ahead; sikka: a practice that is connected; made: ids
 * of what the template holds.
 */
export const routesOf = ({ day, sikka, made, refresh }) => [
  send('POST', '/api/auth/signup', { email: 'new@example.com',
    password: b.password, full_name: 'New', organization_name: 'New Ltd' }),
  send('POST', '/api/auth/signin', { email: b.email, password: b.password },
    { loose: ['throttle'] }),
  send('POST', '/api/auth/refresh', { refresh_token: refresh }),
  send('POST', '/api/auth/signout', {}),
  get('/api/auth/session'),
  get('/api/assistants'),
  send('POST', '/api/assistants', assistant, steps),
  get(`/api/assistants/${made.assistant}`),
  send('PATCH', `/api/assistants/${made.assistant}`, { name: 'Other' }, steps),
  send('DELETE', `/api/assistants/${made.spare}`, undefined, steps),
  get('/api/appointments'), get('/api/appointments?q=first'),
  get(`/api/appointments/${made.appointment}`),
  send('POST', '/api/appointments', { starts_at: `${day}T11:00:00Z`,
    name: 'Second Caller', phone: '+14155550112' }),
  send('POST', `/api/appointments/${made.appointment}/cancel`, {}),
  send('POST', `/api/appointments/${made.appointment}/reschedule`,
    { starts_at: `${day}T12:00:00Z` }),
  send('PATCH', `/api/appointments/${made.appointment}`,
    { status: 'completed' }),
  get(`/api/availability?date=${day}&explain=1&service_id=${made.service}`),
  get('/api/availability-exceptions'),
  get(`/api/availability-exceptions/${made.exception}`),
  send('POST', '/api/availability-exceptions', { kind: 'closed',
    from_date: day }),
  send('POST', '/api/availability-exceptions/import', { ics: holidays(day) }),
  send('DELETE', `/api/availability-exceptions/${made.exception}`),
  get('/api/availability-rules'),
  send('POST', '/api/availability-rules', { resource_id: made.resource,
    weekday: 1, from_min: 540, to_min: 600 }),
  send('DELETE', `/api/availability-rules/${made.rule}`),
  get('/api/calendar-feeds'),
  send('POST', '/api/calendar-feeds', { name: 'Phone' }),
  send('DELETE', `/api/calendar-feeds/${made.feed}`),
  get(`/api/calendar.ics?token=${made.token}`),
  get('/api/resources'),
  get(`/api/resources/${made.resource}`),
  send('POST', '/api/resources', { name: 'Third', kind: 'room' }),
  send('PATCH', `/api/resources/${made.resource}`, { name: 'Other' }),
  send('DELETE', `/api/resources/${made.resource}`),
  send('PUT', `/api/resources/${made.resource}/hours`,
    { hours: 'Mon-Fri 9-18' }),
  get('/api/services'),
  get(`/api/services/${made.service}`),
  send('POST', '/api/services', { name: 'Another', minutes: 30 }),
  send('PATCH', `/api/services/${made.service}`, { minutes: 45,
    resource_ids: [made.resource] }),
  send('DELETE', `/api/services/${made.service}`),
  get('/api/calls'),
  get(`/api/calls/${made.call}`),
  tool('check-availability', { date: day, service: 'checking' }),
  tool('book-appointment', { date: day, time: '15:00', name: 'Third',
    service: 'checking' }),
  tool('cancel-appointment', {}),
  tool('reschedule-appointment', { date: day, time: '16:00' }),
  tool('get-patient-info', {}),
  tool('transfer-to-human', { reason: 'a question' }),
  vapi('/vapi/webhook', { type: 'status-update', status: 'in-progress' }),
  vapi('/vapi/webhook', { type: 'end-of-call-report', cost: 0.1,
    endedReason: 'customer-ended-call', durationSeconds: 12,
    analysis: { summary: 'Asked for the way.' } }),
  get('/api/health'), get('/api/ready'), get('/api/version'),
  get('/api/openapi.json'), get('/status'), get('/metrics'),
  twilio('/twilio/voice', { CallStatus: 'ringing' }),
  twilio('/twilio/voice/fallback', { DialCallStatus: 'failed' }),
  twilio('/twilio/status', { CallStatus: 'completed', CallDuration: '17',
    SequenceNumber: '3' }),
  twilio('/twilio/recording', { RecordingUrl: 'https://example.com/x',
    RecordingSid: 'RE1', RecordingDuration: '9' }),
  twilio('/twilio/transcription', { RecordingUrl: 'https://example.com/x',
    RecordingSid: `RE${'0'.repeat(31)}2`, TranscriptionText: 'Hello.',
    TranscriptionStatus: 'completed' }),
  twilio('/twilio/messages', { Body: 'At nine?', MessageSid: 'SM2' }),
  twilio('/twilio/messages', { Body: 'arrêt', MessageSid: 'SM3' }),
  twilio('/twilio/messages', { MessageStatus: 'failed', MessageSid: 'SM1',
    ErrorCode: '21610' }),
  twilio('/twilio/voice/transfer', {}), twilio('/twilio/voice/whisper', {}),
  get('/api/twilio/tokens'),
  send('POST', '/api/twilio/tokens', token),
  send('DELETE', `/api/twilio/tokens/${made.sign}`),
  get('/api/twilio/numbers'),
  get('/api/twilio/numbers/available?contains=415'),
  get(`/api/twilio/numbers/${made.lines[0]}`),
  send('POST', '/api/twilio/numbers', { number: numbers.attach,
    strategy: 'attach' }, lines),
  send('POST', '/api/twilio/numbers', { number: numbers.buy,
    strategy: 'purchase', buy: true }, lines),
  send('POST', `/api/twilio/numbers/${made.lines[0]}/provision`, {}, lines),
  send('DELETE', `/api/twilio/numbers/${made.lines[1]}`, undefined, lines),
  send('DELETE', `/api/twilio/numbers/${made.lines[2]}?release=true`,
    undefined, lines),
  get('/api/phone_settings'),
  send('PATCH', '/api/phone_settings', { routing: 'vapi', sms_remind: true }),
  get('/api/sms/messages'), get('/api/sms/consents'),
  send('POST', '/api/sms/consents', { phone: '+14155550112',
    status: 'granted' }),
  get('/api/voicemails'), get(`/api/voicemails/${made.voicemail}`),
  send('PATCH', `/api/voicemails/${made.voicemail}`, { status: 'done' }),
  get(`/api/voicemails/${made.voicemail}/recording`),
  get('/api/on_call'), get('/api/on_call/now'),
  get(`/api/on_call/${made.human}`),
  send('POST', '/api/on_call', { name: 'Bo', phone: '+14155550172' }),
  send('PATCH', `/api/on_call/${made.human}`, { hours: '24/7' }),
  send('DELETE', `/api/on_call/${made.human}`),
  send('POST', '/api/onboarding/start', { restart: true }),
  send('PUT', '/api/onboarding/progress', { currentStep: 2,
    stepData: { company: { name: 'Other' } } }),
  send('POST', '/api/onboarding/complete', { stepData: {
    company: { name: 'Other', industry: 'Dental practice' } } }),
  get(`/api/onboarding/session/${made.onboarding}`),
  send('DELETE', `/api/onboarding/session/${made.onboarding}`),
  send('POST', '/api/onboarding/ai-suggestions',
    { sessionId: made.onboarding, companyName: 'Bright Smile Dental' },
    { loose: ['ai_usage', 'ai_budget', 'ai_rate', 'ai_breaker'] }),
  get('/api/onboarding/industries?company=Bright+Smile+Dental'),
  get(`${made.setup}/progress`),
  send('POST', `${made.setup}/voice`, { provider: '11labs',
    voiceId: 'sarah' }),
  send('POST', `${made.setup}/integrations`, { provider: 'builtin' }),
  send('POST', `${made.setup}/phone`, { method: 'sip', settings: {} }),
  send('POST', `${made.setup}/knowledge`, { files: [] }),
  upload(`${made.setup}/knowledge`, 'file.txt', `File ${made.file}`),
  get(`${made.setup}/knowledge`),
  get(`${made.setup}/knowledge/${made.file}`),
  send('DELETE', `${made.setup}/knowledge/${made.file}`),
  send('DELETE', `${made.setup}/progress`),
  get('/api/analytics/ai-usage'), get('/api/analytics/ai-usage?format=csv'),
  get('/api/analytics/onboarding'),
  get('/api/analytics/calls'), get('/api/analytics/calls?format=csv'),
  get('/api/analytics/calls?format=csv&by=call'),
  get('/api/user/profile'),
  send('PATCH', '/api/user/profile', { locale: 'fr', timezone: 'Etc/UTC',
    organization_name: 'Other' }),
  get('/api/user/onboarding'),
  send('PATCH', '/api/user/onboarding', { onboarding_vapi_skipped: true }),
  send('POST', '/api/user/complete-onboarding', {}),
  get('/api/user/studio-config'),
  send('PATCH', '/api/user/studio-config', { number: '+14155550199',
    business_hours: 'Mon-Fri 9-18', languages: ['fr'] }),
  get('/api/pms/setup'),
  send('POST', '/api/pms/setup', { provider: 'SIKKA',
    credentials: sikka.credentials }),
  send('POST', '/api/pms/setup', { provider: 'BUILTIN' }),
  send('DELETE', '/api/pms/setup'),
  get('/api/pms/patients'), get('/api/pms/patients?phone=4155550111'),
  get('/api/pms/appointments'), get('/api/pms/providers'),
  get('/api/pms/writebacks'), get('/api/tasks'),
  send('PATCH', `/api/tasks/${made.task}`, { status: 'done' }),
  get('/api/twilio-settings'),
  send('POST', '/api/twilio-settings', { account_sid: b.sid,
    auth_token: 'another-token-0123', phone_number: '+14155550198' }),
  send('DELETE', '/api/twilio-settings'),
  get('/api/vapi-settings'),
  send('POST', '/api/vapi-settings', { vapi_api_key: 'sk-other-0123456',
    vapi_webhook_secret: 'other-0123456789' }),
  send('DELETE', '/api/vapi-settings'),
];
