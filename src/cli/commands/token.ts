import { createHash, randomBytes } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { SCOPES } from '../../api/protocol.ts';
import { AffectEdgeError } from '../../errors.ts';
import { given } from '../../given.ts';
import type { Output } from '../output.ts';

/** The token is shown once; the configuration keeps only its hash. */
export function tokenCommand(output: Output): Command {
  return new Command('token')
    .description('make an access token for clients on other machines')
    .argument('<name>', 'who it is for')
    .option('--scopes <list>', `any of ${SCOPES.join(', ')}`, parseScopes, ['predictions'])
    .option('--expires <date>', 'ISO 8601 date or time, such as 2027-01-31', parseExpiry)
    .action((name: string, { scopes, expires }: { scopes: string[]; expires?: string }) => {
      if (name.trim() === '') throw new AffectEdgeError('CONFIG_INVALID', 'the name is "": say who the token is for');
      const token = randomBytes(24).toString('base64url');
      const entry = { name, sha256: createHash('sha256').update(token).digest('hex'), scopes, ...given({ expires }) };
      output.event(
        { event: 'token', token, entry },
        `token (shown once): ${token}\nadd to server.tokens in the configuration file: ${JSON.stringify(entry)}`,
      );
    });
}

function parseExpiry(text: string): string {
  const time = new Date(text);
  if (Number.isNaN(time.getTime())) throw new InvalidArgumentError('Give a date, such as 2027-01-31.');
  return time.toISOString();
}

function parseScopes(text: string): string[] {
  const scopes = text.split(',').map((scope) => scope.trim());
  const known: readonly string[] = SCOPES;
  if (!scopes.every((scope) => known.includes(scope)))
    throw new InvalidArgumentError(`Allowed are ${SCOPES.join(', ')}.`);
  return scopes;
}
