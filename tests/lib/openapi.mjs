// openapi.mjs - checks replies against the program's own OpenAPI description.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/* `/api/v1/x` and `/api/x` are `/x`; the description names them without. */
export function canonical(path) {
  return path.split('?')[0].replace(/^\/api(\/v1)?(?=\/|$)/, '') || '/';
}

function template(path) {
  const text = canonical(path).replace(/[.*+?^$()|[\]\\]/g, '\\$&')
    .replace(/\{[^}]+\}|:[a-z_]+/g, '[^/]+');
  return new RegExp(`^${text}$`);
}

/** The first of `paths` (templates with {x} or :x) that a path is one of. */
export function pick(paths, path) {
  const bare = canonical(path);
  return paths.find((p) => canonical(p) === bare)
    ?? paths.find((p) => template(p).test(bare));
}

const escape = (s) => s.replace(/~/g, '~0').replace(/\//g, '~1');

/** A function (method, path, reply) => null | sentence, for a document. */
export function makeCheck(doc) {
  const Ajv = require('ajv/dist/2020.js').default;
  const ajv = new Ajv({ strict: false, allErrors: true });
  const known = new Map();

  require('ajv-formats').default(ajv);
  ajv.addSchema(doc, 'api');
  const validator = (pointer) => {
    if (!known.has(pointer))
      known.set(pointer, ajv.compile({ $ref: `api#${pointer}` }));
    return known.get(pointer);
  };

  return (method, path, reply) => {
    const at = pick(Object.keys(doc.paths), path);
    const op = doc.paths[at]?.[method.toLowerCase()];
    if (!op)
      return reply.status === 404 || reply.status === 405 ? null :
        `${method} ${path} is not described`;
    let pointer = `/paths/${escape(at)}/${method.toLowerCase()}/responses`;
    const key = [String(reply.status), `${String(reply.status)[0]}XX`,
      'default'].find((k) => op.responses[k]);
    if (!key)
      return `${reply.status} of ${method} ${at} is not described`;
    let response = op.responses[key];
    pointer += `/${key}`;
    if (response.$ref) {
      pointer = response.$ref.slice(1);
      response = pointer.split('/').slice(1).reduce((o, k) =>
        o[k.replace(/~1/g, '/').replace(/~0/g, '~')], doc);
    }
    const type = (reply.headers['content-type'] ?? '').split(';')[0];
    if (!response.content)
      return reply.text === '' ? null :
        `${reply.status} of ${method} ${at} has a body, none is described`;
    const named = Object.keys(response.content)
      .find((k) => k.split(';')[0] === type);
    const media = response.content[named];
    if (!media)
      return `${reply.status} of ${method} ${at} is ${type || 'untyped'}, `
        + `described is ${Object.keys(response.content)}`;
    if (type !== 'application/json' || !media.schema)
      return null;
    const valid = validator(`${pointer}/content/${escape(named)}/schema`);
    return valid(JSON.parse(reply.text)) ? null :
      `${reply.status} of ${method} ${at}: ${ajv.errorsText(valid.errors)} in `
      + reply.text.slice(0, 600);
  };
}
