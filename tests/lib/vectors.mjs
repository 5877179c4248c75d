// vectors.mjs - signatures that the official twilio package made, each also
// computed by an independent HMAC: {name, token, url, params, signature}.
const T1 = '12345';
const T2 = '0123456789abcdef0123456789abcdef';
const at = (path) => `https://api.example.com${path}`;
const zeros = '0'.repeat(31);

const voice = { AccountSid: `AC${zeros}1`, ApiVersion: '2010-04-01',
  CallSid: `CA${zeros}1`, CallStatus: 'ringing', Called: '+15551239999',
  Caller: '+15551230001', Direction: 'inbound', From: '+15551230001',
  FromCity: 'SAN FRANCISCO', FromState: 'CA', FromZip: '',
  ForwardedFrom: '+15551237777', To: '+15551239999' };
const status = { CallSid: 'CA1', CallStatus: 'completed', CallDuration: '17' };
const call = (from) => ({ CallSid: 'CA1234567890ABCDE', Caller: from,
  Digits: '1234', From: from, To: '+18005551212' });
const sum = '0a1ff7634d9ab3b95db5c9a2dfe9416e'
  + '41502b283a80c7cf19632632f96e6620';

const rows = [
  ['docs', T1, 'https://mycompany.com/myapp.php?foo=1&bar=2',
    call('+12349013030'), '0/KCTR6DLpKmkAf8muzZqo1nDgQ='],
  ['V1', T1, 'https://mycompany.com/myapp.php?foo=1&bar=2',
    call('+14158675309'), 'RSOYDt4T1cUTdK1PDd93/VVr8B8='],
  ['V2', T2, at(`/twilio/voice?orgId=42&CallSid=CA${zeros}1`
    + '&From=%2B15551230001'), {}, '81L8uu6Ckmi4prwv47Ku/rDLiGY='],
  ['V3', T2, at('/webhooks/twilio/voice'), voice,
    '59lRyFH6DkUsaVyZLLkYg/Njxa0='],
  ['V3h', T2, 'http://api.example.com/webhooks/twilio/voice', voice,
    '/TfaeyESiTv1wOAF+4MYARH5kOc='],
  ['V3s', T2, at('/webhooks/twilio/voice/'), voice,
    'SpjlJy0AXnov/jzowiL19EEUvc8='],
  ['V4', T2, at('/webhooks/twilio/sms'), { Body: 'Café ☎ 100% & a=b?',
    From: '+15551230001', MessageSid: `SM${zeros}1`, NumMedia: '0',
    To: '+15551239999' }, 'dR6Xqi0WqyzW9PjFi6Ni3ZgxX6g='],
  ['V6', T2, 'https://api.example.com:8443/webhooks/twilio/status', status,
    'pXWbTeouu8lMPokyTeJuxundQfs='],
  ['V7', T2, at('/webhooks/twilio/status'), status,
    'KyhGX5uX6mjPKjmzQGNkMosVA1Q='],
  ['V7p', T2, 'https://api.example.com:443/webhooks/twilio/status', status,
    'Fm2ECToNvju9hHQKC3GXlw1PBog='],
  ['V8', T2, at(`/webhooks/twilio/json?bodySHA256=${sum}`), {},
    'gmumBL8WoaKfP7t3DpdDtZann2s='],
  ['V10', T2, at('/x?name=O\'Brien&q=a%20b'), { CallSid: 'CA1' },
    '5agb6u/69A571XjdyRP0zgxB4Cc='],
  ['V12', T2, at('/webhooks/twilio/voice?orgId=42&agent=a%2Fb'),
    { CallSid: 'CA1', From: '+1', To: '+2' },
    'LR/wc6bEuLguT2EBgWSFKxx2JYo='],
  ['V15', T2, at('/webhooks/twilio/sms'), { Body: 'x' },
    'DVGLLmnE6rDXWQExKbHKHm2bKtU='],
];

export const vectors = rows.map(([name, token, url, params, signature]) =>
  ({ name, token, url, params, signature }));

/* A small generator, so that the same seed gives the same cases. */
function random(seed) {
  let s = seed >>> 0;
  return (n) => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return Math.floor(s / 4294967296 * n);
  };
}

const texts = ['', ' ', 'a b', '+15551230001', 'é', '☎', '100%', 'a&b=c',
  '\'quoted\'', '"x"', '~-_.', 'שלום', 'x'.repeat(300), '=', '+', '\t', '%41',
  '😀', 'Ä', '\r\n', '*()!'];
const keys = ['CallSid', 'From', 'FromCity', 'ForwardedFrom', 'To', 'to', 'A',
  'Z', '_x', 'a', 'SipHeader_X-Id', 'é', 'Body', 'Body2', '0', '10', '9'];
const urls = ['/twilio/voice', '/api/v1/twilio/status', '/x?a=1&b=2',
  '/x?name=O\'Brien', '/x?q=a%20b&r=%2B1', '/x?q=a+b', '/', '/a/b/c?z'];

/** n cases {token, url, params}; the same for the same seed. */
export function randomCases(n, seed = 20260211) {
  const pick = random(seed);

  return Array.from({ length: n }, () => {
    const params = {};
    for (let i = pick(9); i > 0; i--) {
      const key = keys[pick(keys.length)];
      const value = () => texts[pick(texts.length)];
      params[key] = pick(8) === 0 ? [value(), value()] : value();
    }
    return { token: Array.from({ length: 32 }, () =>
      pick(16).toString(16)).join(''),
    url: `http${pick(3) ? 's' : ''}://host${pick(50)}.example.com`
      + urls[pick(urls.length)], params };
  });
}
