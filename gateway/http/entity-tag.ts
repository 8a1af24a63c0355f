/**
 * Entity tags. Documents that are edited: `"v<version>"`. Public catalogue answers: `"v<version>-<digest>"` or
 * `"<digest>"`, since what they show beside the row (availability) changes without a new version. All strong.
 */
import { createHash } from 'node:crypto';
import { type Refusal, refuse } from '../problems.ts';

export const versionTag = (version: number): string => `"v${version}"`;

export function contentTag(body: string, version?: number): string {
  const digest = createHash('sha1').update(body).digest('base64url').slice(0, 16);
  return version === undefined ? `"${digest}"` : `"v${version}-${digest}"`;
}

const VERSION_TAG = /^"v(\d{1,15})(?:-[A-Za-z0-9_-]{1,32})?"$/;

/**
 * The version that If-Match asks for; undefined: any. A tag that is not one of ours, or weak, matches nothing (RFC
 * 9110 §13.1.1). Several tags are refused: no client holds a document in two versions.
 */
export function versionFromIfMatch(header: string | undefined): number | undefined | Refusal {
  if (header === undefined || header.trim() === '*') return undefined;
  const tag = header.trim();
  if (tag.includes(',')) {
    return refuse('invalid-request', { errors: [{ path: 'header.If-Match', message: 'More than one entity tag' }] });
  }
  const version = VERSION_TAG.exec(tag)?.[1];
  return version === undefined ? refuse('precondition-failed') : Number(version);
}

/** Weak comparison, as RFC 9110 §13.1.2 wants for If-None-Match. */
export const matchesTag = (ifNoneMatch: string | undefined, tag: string): boolean =>
  ifNoneMatch !== undefined &&
  (ifNoneMatch.trim() === '*' || ifNoneMatch.split(',').some((each) => each.trim().replace(/^W\//, '') === tag));
