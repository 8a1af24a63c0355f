import { eventLogConformance } from '../../../stores/event-log.conformance.ts';
import { MemoryLog } from './memory-log.ts';

eventLogConformance('in memory', async () => ({
  log: new MemoryLog().connect(),
  stream: 'ORDER',
  [Symbol.asyncDispose]: async () => {},
}));
