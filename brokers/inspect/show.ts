/** An actor's record for people: where it is, what happened, what it is now. */
import { inspect, styleText } from 'node:util';
import type { ActorRecord, TimelineEntry } from './actor-record.ts';
import type { Claim, Whereabouts } from './whereabouts.ts';

export type Inspected = ActorRecord & Whereabouts & { readonly reservation: Claim | undefined };

const isoTime = (at: number): string => new Date(at).toISOString();
const number = (n: number): string => n.toLocaleString('en-IN');

export function* show(actor: Inspected): Generator<string> {
  const { snapshot, reservation } = actor;
  yield `${styleText('bold', `${actor.kind} ${actor.id}`)}, version ${actor.version}`;
  yield '';
  yield row('node', ownerOf(actor));
  yield row('subject', `${actor.subject} (partition ${actor.partition})`);
  yield row(
    'stream',
    `${actor.stream}: ${number(actor.commits)} commits, ${number(actor.bytes)} bytes, sequence ${span(actor)}`,
  );
  yield row('snapshot', snapshot === undefined ? 'none' : snapshotLine(snapshot));
  yield row('cold load', `${number(actor.loadReads)} ${actor.loadReads === 1 ? 'message' : 'messages'}`);
  if (actor.kind === 'order')
    yield row('reservation', reservation === undefined ? 'none open' : claimLine(reservation));
  yield '';
  yield styleText('bold', 'history');
  let previous: TimelineEntry | undefined;
  for (const entry of actor.timeline) {
    yield line(entry, previous);
    previous = entry;
  }
  yield '';
  yield styleText('bold', 'now');
  yield inspect(actor.view, { depth: 8, colors: process.stdout.isTTY === true, breakLength: 110, maxArrayLength: 200 });
}

const row = (name: string, value: string): string => `  ${name.padEnd(12)} ${value}`;

const ownerOf = ({ owner, nodes }: Whereabouts): string =>
  owner === undefined ? 'none is running that hosts it' : nodes.length > 1 ? `${owner} (of ${nodes.length})` : owner;

const span = ({ firstSequence, lastSequence }: ActorRecord): string =>
  firstSequence === lastSequence ? number(firstSequence) : `${number(firstSequence)} to ${number(lastSequence)}`;

const snapshotLine = ({ sequence, version, bytes, usable, commands }: NonNullable<ActorRecord['snapshot']>): string =>
  `at version ${version} (sequence ${number(sequence)}), ${number(bytes)} bytes, ${commands} commands remembered` +
  (usable ? '' : '; of another shape, not used');

const claimLine = ({ claimedAt, ttl }: Claim): string =>
  `open since ${isoTime(claimedAt)}${ttl === undefined ? '' : `, for ${ttl}`}`;

function line({ version, at, command, event }: TimelineEntry, previous: TimelineEntry | undefined): string {
  const { type, ...fields } = event;
  const after = previous === undefined ? '' : `+${duration(at - previous.at)}`;
  const about = Object.keys(fields).length === 0 ? '' : JSON.stringify(fields);
  return [
    styleText('dim', `  ${String(version).padStart(5)}  ${isoTime(at)} ${after.padStart(8)}`),
    type.padEnd(20),
    styleText('dim', `by ${command}${about === '' ? '' : `  ${cut(about, 160)}`}`),
  ].join('  ');
}

const cut = (text: string, most: number): string => (text.length > most ? `${text.slice(0, most - 1)}…` : text);

function duration(ms: number): string {
  if (ms < 1_000) return `${ms} ms`;
  if (ms < 120_000) return `${(ms / 1_000).toFixed(1)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`;
}
