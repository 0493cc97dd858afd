import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AffectEdgeError } from '../../src/errors.ts';
import { loadConfig } from '../../src/main/config.ts';

function configFile(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'affect-edge-')), 'config.json');
  writeFileSync(file, text);
  return file;
}

function refusal(load: () => unknown): AffectEdgeError {
  try {
    load();
  } catch (error) {
    if (error instanceof AffectEdgeError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('configuration', () => {
  it('overrides the file by the environment and the environment by the flags', () => {
    const file = configFile('{"device":"biosignal","port":"/dev/a","baud":1,"server":{"host":"127.0.0.2","port":1}}');
    const env = { AFFECT_EDGE_PORT: '/dev/b', AFFECT_EDGE_BAUD: '2', AFFECT_EDGE_HTTP_PORT: '2' };
    const config = loadConfig({ file, env, flags: { baud: 3, server: { port: undefined } } });
    expect(config).toMatchObject({ device: 'biosignal', port: '/dev/b', baud: 3 });
    expect(config.server).toMatchObject({ host: '127.0.0.2', port: 2 });
  });

  it('listens on 127.0.0.1:8600 by default', () => {
    expect(loadConfig({ env: {}, flags: {} }).server).toMatchObject({ host: '127.0.0.1', port: 8600, tokens: [] });
  });

  it('refuses an unknown key and names the known ones', () => {
    const error = refusal(() => loadConfig({ file: configFile('{"devise":"biosignal"}'), env: {}, flags: {} }));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toContain('`devise`');
    expect(error.message).toContain('device');
    const nested = refusal(() => loadConfig({ file: configFile('{"server":{"prot":1}}'), env: {}, flags: {} }));
    expect(nested.message).toContain('`server.prot`');
    expect(nested.message).toContain('allowed_origins');
  });

  it.each([
    ['{"hop_s":0.1}', '`hop_s` is 0.1'],
    ['{"baud":"fast"}', '`baud` is "fast"'],
    ['{"device":"toaster"}', 'simulator'],
    ['[1]', 'one JSON object'],
    ['{', 'one JSON object'],
  ])('refuses %s with the key and its value', (text, part) => {
    const error = refusal(() => loadConfig({ file: configFile(text), env: {}, flags: {} }));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toContain(part);
  });

  it('names a missing file', () => {
    const error = refusal(() => loadConfig({ file: '/nowhere/config.json', env: {}, flags: {} }));
    expect(error.code).toBe('FILE_NOT_FOUND');
    expect(error.message).toContain('/nowhere/config.json');
  });

  it('refuses an unknown environment variable', () => {
    const error = refusal(() => loadConfig({ env: { AFFECT_EDGE_HPP_S: '1' }, flags: {} }));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.message).toMatch(/AFFECT_EDGE_HPP_S \(known: .*AFFECT_EDGE_HOP_S/);
    expect(loadConfig({ env: { AFFECT_EDGE_TEST_DATA: '/data' }, flags: {} }).seed).toBe(1);
  });

  it('lists no keys of another object for an unknown key', () => {
    const file = configFile('{"server":{"tokens":[{"name":"lab","sha256":"","scopes":["raw"],"expirez":1}]}}');
    const { message } = refusal(() => loadConfig({ file, env: {}, flags: {} }));
    expect(message).toContain('unknown key `server.tokens.0.expirez`');
    expect(message).not.toContain('allowed_origins');
  });

  it('refuses an environment variable that is not a number', () => {
    const error = refusal(() => loadConfig({ env: { AFFECT_EDGE_BAUD: 'fast' }, flags: {} }));
    expect(error.message).toContain('AFFECT_EDGE_BAUD is "fast"');
  });
});
