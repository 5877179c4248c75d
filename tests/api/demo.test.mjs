// The demonstration of the onboarding goes through, and prints the funnel.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { cleanEnv, root } from '../lib/once.mjs';
import { startStack } from '../lib/stack.mjs';

test('./scripts/demo --onboarding', async () => {
  const stack = await startStack();
  const child = spawn(join(root, 'scripts/demo'), ['--onboarding', '--port',
    String(stack.port)], { env: cleanEnv({}) });
  let text = '';

  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (d) => { text += d; });
  const code = await new Promise((done) => child.on('close', done));
  assert.equal(code, 0, text);
  assert.match(text, /setup: 1 started, 1 completed \(100 %\)/);
  assert.match(text, /4 twilio +0 done +1 skipped +100 %/);
});
