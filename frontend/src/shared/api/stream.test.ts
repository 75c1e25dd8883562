import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { LiveStream } from "@/shared/api/stream";

class FakeSocket {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  readyState = 0;
  sent: { op: string; channels: string[]; cursor?: number }[] = [];
  onopen: () => void = () => undefined;
  onclose: (event: { code: number }) => void = () => undefined;
  onmessage: (event: { data: string }) => void = () => undefined;

  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as FakeSocket["sent"][number]);
  }

  close(code = 1006): void {
    this.readyState = 3;
    this.onclose({ code });
  }

  accept(): void {
    this.readyState = FakeSocket.OPEN;
    this.onopen();
  }

  say(message: object): void {
    this.onmessage({ data: JSON.stringify(message) });
  }
}

function latestSocket(): FakeSocket {
  const socket = FakeSocket.all.at(-1);
  if (!socket) throw new Error("no socket was opened");
  return socket;
}

describe("the live stream", () => {
  let stream: LiveStream;

  beforeEach(() => {
    vi.useFakeTimers();
    FakeSocket.all = [];
    vi.stubGlobal("WebSocket", FakeSocket);
    stream = new LiveStream();
    stream.open();
    latestSocket().accept();
  });

  afterEach(() => {
    stream.close();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("hands on only the latest ticker, four times a second", () => {
    const seen: unknown[] = [];
    stream.subscribe("ticker:BTC-USDT", (data) => seen.push(data));
    for (let price = 1; price <= 50; price += 1) {
      latestSocket().say({ type: "event", channel: "ticker:BTC-USDT", seq: price, data: price });
    }
    expect(seen).toEqual([]);
    vi.advanceTimersByTime(250);
    expect(seen).toEqual([50]);
  });

  it("hands on every fill at once", () => {
    const seen: unknown[] = [];
    stream.subscribe("fills", (data) => seen.push(data));
    latestSocket().say({ type: "event", channel: "fills", seq: 1, data: "a" });
    latestSocket().say({ type: "event", channel: "fills", seq: 2, data: "b" });
    expect(seen).toEqual(["a", "b"]);
  });

  it("subscribes once however many watch, and leaves with the last", () => {
    const first = stream.subscribe("orders", () => undefined);
    const second = stream.subscribe("orders", () => undefined);
    expect(latestSocket().sent.map((command) => command.op)).toEqual(["subscribe"]);
    first();
    expect(latestSocket().sent).toHaveLength(1);
    second();
    expect(latestSocket().sent.map((command) => command.op)).toEqual(["subscribe", "unsubscribe"]);
  });

  it("resumes by cursor after a cut", () => {
    stream.subscribe("orders", () => undefined);
    latestSocket().say({ type: "event", channel: "orders", seq: 41, data: {} });
    latestSocket().close();
    expect(stream.state).toBe("lost");
    vi.advanceTimersByTime(2_000);
    latestSocket().accept();
    expect(FakeSocket.all).toHaveLength(2);
    expect(latestSocket().sent[0]).toEqual({ op: "subscribe", channels: ["orders"], cursor: 41 });
    expect(stream.state).toBe("live");
  });

  it("notices silence and connects anew", () => {
    vi.advanceTimersByTime(11_001);
    expect(stream.state).toBe("lost");
  });

  it("tells when the session ended and does not knock again", () => {
    const ended = vi.fn();
    stream.onSignedOut = ended;
    latestSocket().close(4401);
    vi.advanceTimersByTime(60_000);
    expect(ended).toHaveBeenCalledOnce();
    expect(FakeSocket.all).toHaveLength(1);
  });

  it("asks for everything anew when the server cannot resume", () => {
    const reset = vi.fn();
    stream.onReset = reset;
    latestSocket().say({ type: "reset" });
    expect(reset).toHaveBeenCalledOnce();
  });
});
