import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';

const DAY_MS = 86_400_000;
/** Certificates are usually renewed before this many days are left. */
const WARN_DAYS = 14;

/** A warning for a PEM certificate that has expired or expires within 14 days; undefined for any other. */
export function certificateWarning(path: string, nowMs: number): string | undefined {
  const { validTo } = new X509Certificate(readFileSync(path));
  const days = (Date.parse(validTo) - nowMs) / DAY_MS;
  if (days < 0) return `the certificate ${path} expired on ${validTo}: renew it and start again`;
  return days < WARN_DAYS
    ? `the certificate ${path} expires on ${validTo}, in ${Math.floor(days)} days: renew it`
    : undefined;
}
