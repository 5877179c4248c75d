// vapi-schema.mjs - what Vapi accepts in a body, level by level: unknown keys
// are refused, and each mistake is one sentence of the `message` array.

const has = (o, k) => Object.prototype.hasOwnProperty.call(o, k);

const is = {
  string: (v) => typeof v === 'string',
  boolean: (v) => typeof v === 'boolean',
  number: (v) => typeof v === 'number' && Number.isFinite(v),
  array: Array.isArray,
  object: (v) => v !== null && typeof v === 'object' && !Array.isArray(v),
};
const an = { array: 'an array', object: 'an object', string: 'a string',
  boolean: 'a boolean value', number: 'a number' };

/* A rule is (value, path, out) => void; out collects sentences. */
const typed = (type, more) => (v, path, out) => {
  if (!is[type](v))
    out.push(`${path} must be ${an[type]}`);
  else if (more)
    more(v, path, out);
};
const str = (max, min = 0) => typed('string', (v, path, out) => {
  const n = [...v].length;
  if (max !== undefined && n > max)
    out.push(`${path} must be shorter than or equal to ${max} characters`);
  if (n < min)
    out.push(`${path} must be longer than or equal to ${min} characters`);
});
const num = (min, max) => typed('number', (v, path, out) => {
  if (v < min)
    out.push(`${path} must not be less than ${min}`);
  if (v > max)
    out.push(`${path} must not be greater than ${max}`);
});
const match = (re, what) => typed('string', (v, path, out) => {
  if (!re.test(v))
    out.push(`${path} must be ${what}`);
});
const bool = typed('boolean');
const free = typed('object');
const list = (rule) => typed('array', (v, path, out) => {
  v.forEach((item, i) => rule(item, `${path}.${i}`, out));
});
const one = (...set) => (v, path, out) => {
  if (!set.includes(v))
    out.push(`${path} must be one of the following values: ${set.join(', ')}`);
};

/* An object of known keys; `need` names the required ones. */
const obj = (keys, need = []) => (v, path, out) => {
  if (!is.object(v)) {
    out.push(`${path || 'body'} must be an object`);
    return;
  }
  const dot = path === '' ? '' : `${path}.`;
  for (const k of Object.keys(v))
    if (!has(keys, k))
      out.push(`${dot}property ${k} should not exist`);
  for (const k of need)
    if (v[k] === undefined || v[k] === null)
      out.push(`${dot}${k} should not be empty`);
  for (const [k, rule] of Object.entries(keys))
    if (v[k] !== undefined && v[k] !== null)
      rule(v[k], dot + k, out);
};

const words = (s) => s.split(/[\s,]+/).filter(Boolean);
const serverMessages = words(`assistant.started assistant.speechStarted
  conversation-update end-of-call-report function-call hang language-changed
  language-change-detected model-output phone-call-control speech-update
  status-update transcript transcript[transcriptType="final"] tool-calls
  transfer-destination-request handoff-destination-request transfer-update
  user-interrupted voice-input chat.created chat.deleted session.created
  session.updated session.deleted call.deleted call.delete.failed
  call.artifact.upload`);
const modelProviders = words(`anthropic anthropic-bedrock anyscale cerebras
  custom-llm deepinfra deep-seek google groq inflection-ai minimax openai
  openrouter perplexity-ai together-ai xai vapi`);
const openaiModels = words(`gpt-3.5-turbo gpt-4 gpt-4-turbo gpt-4o gpt-4o-mini
  gpt-4.1 gpt-4.1-mini gpt-4.1-nano gpt-5 gpt-5-mini gpt-5-nano o3 o3-mini
  o4-mini`);
const voiceProviders = words(`11labs azure cartesia custom-voice deepgram hume
  lmnt neuphonic openai playht wellsaid rime-ai smallest-ai tavus vapi sesame
  inworld minimax xai microsoft`);

const url = match(/^(https?|wss?):\/\/[^\s/]+/, 'a URL address');
const backoff = obj({ type: one('fixed', 'exponential'),
  maxRetries: num(0, 10), baseDelaySeconds: num(0, 10),
  excludedStatusCodes: list(num(100, 599)) });
const headers = typed('object', (v, path, out) => {
  for (const [k, value] of Object.entries(v))
    if (typeof value !== 'string')
      out.push(`${path}.${k} must be a string`);
});
const server = obj({ url, timeoutSeconds: num(1, 300), credentialId: str(),
  headers, staticIpAddressesEnabled: bool, encryptedPaths: list(str()),
  backoffPlan: backoff });

const toolFunction = obj({ name: match(/^[A-Za-z0-9_-]{1,80}$/,
  'a function name of at most 80 letters, digits, _ and -'),
description: str(1000), parameters: obj({ type: one('object'),
  properties: free, required: list(str()), description: str() }, ['type']),
strict: bool }, ['name']);
const destination = obj({ type: one('number', 'sip', 'assistant'),
  number: match(/^\+[1-9]\d{1,14}$/, 'a valid phone number in E.164'),
  sipUri: str(), sipHeaders: free, assistantName: str(), extension: str(10, 1),
  callerId: str(), message: str(1000), description: str(1000),
  numberE164CheckEnabled: bool, transferPlan: free }, ['type']);
const knowledgeBase = obj({ name: str(), provider: one('google'),
  model: str(), description: str(), fileIds: list(str()) },
['name', 'provider', 'description', 'fileIds']);
const tools = {
  query: obj({ type: one('query'), messages: list(free),
    function: toolFunction, knowledgeBases: list(knowledgeBase),
    rejectionPlan: free }, ['type']),
  function: obj({ type: one('function'), async: bool, server,
    function: toolFunction, messages: list(free), parameters: list(free),
    rejectionPlan: free, variableExtractionPlan: free },
  ['type', 'function']),
  transferCall: obj({ type: one('transferCall'), messages: list(free),
    destinations: list(destination), function: toolFunction,
    rejectionPlan: free }, ['type']),
  endCall: obj({ type: one('endCall'), messages: list(free),
    function: toolFunction, rejectionPlan: free }, ['type']),
  dtmf: obj({ type: one('dtmf'), messages: list(free),
    function: toolFunction }, ['type']),
};
const tool = (v, path, out) => {
  if (!is.object(v) || !has(tools, v.type))
    one(...Object.keys(tools))(v?.type, `${path}.type`, out);
  else
    tools[v.type](v, path, out);
};

const message = obj({ role: one('assistant', 'function', 'user', 'system',
  'tool'), content: str() }, ['role']);
const modelKeys = { provider: one(...modelProviders), model: str(),
  messages: list(message), tools: list(tool), toolIds: list(str()),
  temperature: num(0, 2), maxTokens: num(50, 10000), fallbackModels: list(str()),
  numFastTurns: num(0, 100), emotionRecognitionEnabled: bool,
  knowledgeBase: free, url };
const model = (v, path, out) => {
  obj(modelKeys, ['provider', 'model'])(v, path, out);
  if (v?.provider === 'openai' && is.string(v.model))
    one(...openaiModels)(v.model, `${path}.model`, out);
  if (v?.provider === 'custom-llm' && v.url === undefined)
    out.push(`${path}.url should not be empty`);
};
const voice = obj({ provider: one(...voiceProviders), voiceId: str(),
  model: str(), speed: num(0.25, 4), stability: num(0, 1),
  similarityBoost: num(0, 1), style: num(0, 1), useSpeakerBoost: bool,
  language: str(), cachingEnabled: bool, chunkPlan: free,
  fallbackPlan: free }, ['provider', 'voiceId']);

export const assistantBody = obj({
  name: str(40), firstMessage: str(), firstMessageMode: one(
    'assistant-speaks-first', 'assistant-waits-for-user',
    'assistant-speaks-first-with-model-generated-message'),
  firstMessageInterruptionsEnabled: bool, model, voice, transcriber: free,
  maxDurationSeconds: num(10, 43200), voicemailMessage: str(1000),
  endCallMessage: str(1000), endCallPhrases: list(str(140, 2)),
  metadata: free, server, serverMessages: list(one(...serverMessages)),
  clientMessages: list(str()), analysisPlan: free, artifactPlan: free,
  monitorPlan: free, backgroundSound: str(), voicemailDetection: free,
  startSpeakingPlan: free, stopSpeakingPlan: free, hooks: list(free),
  compliancePlan: free, keypadInputPlan: free, credentialIds: list(str()),
  credentials: list(free),
});

const e164 = match(/^\+[1-9]\d{1,14}$/, 'a valid phone number in E.164');
const phoneCommon = { name: str(40), assistantId: str(), squadId: str(),
  workflowId: str(), server, fallbackDestination: destination,
  hooks: list(free), provider: one('vapi', 'twilio') };
const phoneKeys = {
  vapi: { ...phoneCommon, numberDesiredAreaCode: str(3, 3),
    authentication: free, sipUri: match(/^sip:[A-Za-z0-9._+-]+@[^@\s:]+$/,
      'a SIP URI like sip:user@sip.vapi.ai') },
  twilio: { ...phoneCommon, number: e164, twilioAccountSid: str(),
    twilioAuthToken: str(), twilioApiKey: str(), twilioApiSecret: str(),
    smsEnabled: bool },
};
export const phoneBody = (v, path, out) => {
  if (!is.object(v) || !has(phoneKeys, v.provider))
    one('vapi', 'twilio')(v?.provider, 'provider', out);
  else
    obj(phoneKeys[v.provider], v.provider === 'twilio' ?
      ['number', 'twilioAccountSid'] : [])(v, path, out);
};
export const phonePatch = (provider) => obj(phoneKeys[provider]);

export const fileBody = obj({ name: str() });

export const control = (v, path, out) => {
  const kinds = {
    transfer: obj({ type: str(), destination, content: str() },
      ['destination']),
    say: obj({ type: str(), content: str(), endCallAfterSpoken: bool },
      ['content']),
    'add-message': obj({ type: str(), message, triggerResponseEnabled: bool },
      ['message']),
    control: obj({ type: str(), control: one('mute-assistant',
      'unmute-assistant', 'say-first-message') }, ['control']),
    'end-call': obj({ type: str() }),
    handoff: obj({ type: str(), destination: free }, ['destination']),
  };
  if (!is.object(v) || !has(kinds, v.type))
    one(...Object.keys(kinds))(v?.type, 'type', out);
  else
    kinds[v.type](v, path, out);
};

/** All mistakes of a body, [] when there are none. */
export function mistakes(rule, body) {
  const out = [];
  rule(body, '', out);
  return out;
}
