/**
 * All at once, and over when all are over: if one fails the others are awaited before it is thrown. A reservation
 * still under way when its run has already failed would land after the order's end, and be nobody's to give back.
 */
export async function together<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const ends = await Promise.allSettled(items.map(work));
  return ends.map((end) => {
    if (end.status === 'rejected') throw end.reason;
    return end.value;
  });
}
