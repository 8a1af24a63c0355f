/** An HTTP client that remembers what became of every request: nothing may fail unseen, not even what is tried again. */
import { type Answer, HttpClient, type Request } from '../bench/shop/http.ts';

export class CountingClient extends HttpClient {
  readonly failures: string[] = [];
  requests = 0;
  /** Called with every answer. */
  onAnswer: (answer: Answer) => void = () => {};
  /** Since `reset`, in ms. */
  slowest = { ms: 0, what: '' };

  reset(): void {
    this.failures.length = 0;
    this.requests = 0;
    this.slowest = { ms: 0, what: '' };
  }

  override async ask(request: Request): Promise<Answer> {
    this.requests++;
    const what = `${request.method} ${request.path}`;
    try {
      const answer = await super.ask(request);
      if (answer.status >= 500) this.failures.push(`${what}: ${answer.status} ${JSON.stringify(answer.body)}`);
      if (answer.ms > this.slowest.ms) this.slowest = { ms: answer.ms, what };
      this.onAnswer(answer);
      return answer;
    } catch (error) {
      this.failures.push(String(error));
      throw error;
    }
  }

  override async events(...args: Parameters<HttpClient['events']>): Promise<boolean> {
    this.requests++;
    try {
      return await super.events(...args);
    } catch (error) {
      this.failures.push(String(error));
      throw error;
    }
  }
}
