/** What people can do something about: its message is shown as it is, without a stack. */
export class CannotStart extends Error {
  override readonly name = 'CannotStart';
}
