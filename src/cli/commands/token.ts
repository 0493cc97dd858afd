import { createHash, randomBytes } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { SCOPES } from '../../protocol.ts';
import type { Output } from '../output.ts';

/** The token is shown once; the configuration keeps only its hash. */
export function tokenCommand(output: Output): Command {
  return new Command('token')
    .description('make an access token, for clients beyond this machine')
    .argument('<name>', 'who it is for')
    .option('--scopes <list>', `of ${SCOPES.join(', ')}`, parseScopes, ['predictions'])
    .action((name: string, { scopes }: { scopes: string[] }) => {
      const token = randomBytes(24).toString('base64url');
      const entry = { name, sha256: createHash('sha256').update(token).digest('hex'), scopes };
      output.event(
        { event: 'token', token, entry },
        `token (shown once): ${token}\nadd to server.tokens in the configuration file: ${JSON.stringify(entry)}`,
      );
    });
}

function parseScopes(text: string): string[] {
  const scopes = text.split(',').map((scope) => scope.trim());
  const known: readonly string[] = SCOPES;
  if (!scopes.every((scope) => known.includes(scope)))
    throw new InvalidArgumentError(`Allowed are ${SCOPES.join(', ')}.`);
  return scopes;
}
