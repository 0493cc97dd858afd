import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { certificateWarning } from '../../src/main/certificate.ts';

const path = fileURLToPath(new URL('../support/tls/cert.pem', import.meta.url));
const ends = Date.parse(new X509Certificate(readFileSync(path)).validTo);
const DAY_MS = 86_400_000;

describe('certificateWarning', () => {
  it.each([
    [20, undefined],
    [13.5, /expires on .*, in 13 days: renew it/],
    [-1, /expired on .*: renew it and start again/],
  ])('%s days before the end', (days, warning) => {
    const found = certificateWarning(path, ends - days * DAY_MS);
    if (warning === undefined) expect(found).toBeUndefined();
    else expect(found).toMatch(warning);
  });
});
