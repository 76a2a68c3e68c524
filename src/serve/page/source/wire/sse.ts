// Server-sent events out of pieces of text that end anywhere.

/// Feeds on text, gives the data of every event that is complete. Comments (keep-alives) and other fields are skipped.
export class SseReader {
  private rest = '';
  private data: string[] = [];
  private endedInReturn = false;

  feed(piece: string): string[] {
    // A return at the end of one piece may be half of the line end that the next one completes.
    const whole = this.endedInReturn && piece.startsWith('\n') ? piece.slice(1) : piece;
    if (piece !== '') this.endedInReturn = piece.endsWith('\r');
    const lines = (this.rest + whole).split(/\r\n|\r|\n/);
    this.rest = lines.pop() ?? '';
    const events: string[] = [];
    for (const line of lines) {
      if (line === '') {
        if (this.data.length > 0) events.push(this.data.join('\n'));
        this.data = [];
      } else if (line.startsWith('data:')) {
        this.data.push(line.slice(line.startsWith('data: ') ? 6 : 5));
      }
    }
    return events;
  }
}

/// The events of a reply's body as they arrive.
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const events = new SseReader();
  try {
    for (;;) {
      const {done, value} = await reader.read();
      if (done) return;
      yield* events.feed(decoder.decode(value, {stream: true}));
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
