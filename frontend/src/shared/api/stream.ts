/**
 * The live stream: one WebSocket for the whole page, shared by all who watch a channel.
 *
 * Market data is handed on at most four times a second and not at all while the page is hidden.
 * Owner events (orders, fills, bots, jobs) are never dropped. After a cut the stream resumes by cursor;
 * when the server says it cannot, `onReset` lets the query cache read everything anew.
 */
import { useEffect, useEffectEvent, useSyncExternalStore } from "react";

export type StreamState = "connecting" | "live" | "lost" | "closed";
type Handler = (data: unknown) => void;

interface Message {
  type: "event" | "subscribed" | "heartbeat" | "reset" | "problem";
  channel?: string | null;
  seq?: number | null;
  data?: unknown;
}

const PAINT_INTERVAL_MS = 250;
const SILENCE_MS = 11_000; // two heartbeats of 5 s and a margin
const LATEST_ONLY = /^(ticker|book|candles|status)/;

function socketUrl(): string {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  return `${scheme}://${location.host}/api/v1/stream`;
}

export class LiveStream {
  #socket: WebSocket | null = null;
  #handlers = new Map<string, Set<Handler>>();
  #pending = new Map<string, unknown>();
  #listeners = new Set<() => void>();
  #state: StreamState = "closed";
  #cursor: number | null = null;
  #attempt = 0;
  #silence: ReturnType<typeof setTimeout> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #paint: ReturnType<typeof setInterval> | undefined;
  onReset: () => void = () => undefined;
  onSignedOut: () => void = () => undefined;

  get state(): StreamState {
    return this.#state;
  }

  watchState = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  open(): void {
    if (this.#socket || this.#retry) return;
    this.#paint ??= setInterval(() => this.#flush(), PAINT_INTERVAL_MS);
    this.#connect();
  }

  close(): void {
    clearTimeout(this.#retry);
    clearTimeout(this.#silence);
    clearInterval(this.#paint);
    this.#retry = undefined;
    this.#paint = undefined;
    const socket = this.#socket;
    this.#socket = null;
    this.#cursor = null;
    this.#pending.clear();
    socket?.close();
    this.#setState("closed");
  }

  subscribe(channel: string, handler: Handler): () => void {
    let handlers = this.#handlers.get(channel);
    if (!handlers) {
      handlers = new Set();
      this.#handlers.set(channel, handlers);
      this.#send({ op: "subscribe", channels: [channel] });
    }
    handlers.add(handler);
    return () => {
      handlers.delete(handler);
      if (handlers.size === 0 && this.#handlers.get(channel) === handlers) {
        this.#handlers.delete(channel);
        this.#send({ op: "unsubscribe", channels: [channel] });
      }
    };
  }

  #connect(): void {
    this.#setState(this.#attempt === 0 ? "connecting" : "lost");
    const socket = new WebSocket(socketUrl());
    this.#socket = socket;
    socket.onopen = () => {
      this.#attempt = 0;
      this.#setState("live");
      this.#heard();
      const channels = [...this.#handlers.keys()];
      if (channels.length > 0) {
        this.#send({ op: "subscribe", channels, ...(this.#cursor === null ? {} : { cursor: this.#cursor }) });
      }
    };
    socket.onmessage = (event: MessageEvent<string>) => this.#receive(JSON.parse(event.data) as Message);
    socket.onclose = (event) => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      clearTimeout(this.#silence);
      if (event.code === 4401) {
        this.close();
        this.onSignedOut();
        return;
      }
      this.#setState("lost");
      const wait = Math.min(15_000, 500 * 2 ** this.#attempt) * (0.7 + Math.random() * 0.6);
      this.#attempt += 1;
      this.#retry = setTimeout(() => {
        this.#retry = undefined;
        this.#connect();
      }, wait);
    };
  }

  #receive(message: Message): void {
    this.#heard();
    if (typeof message.seq === "number") this.#cursor = message.seq;
    if (message.type === "reset") {
      this.onReset();
      return;
    }
    if (message.type !== "event" || !message.channel) return;
    if (LATEST_ONLY.test(message.channel)) {
      this.#pending.set(message.channel, message.data);
    } else {
      this.#deliver(message.channel, message.data);
    }
  }

  #flush(): void {
    if (document.hidden || this.#pending.size === 0) return;
    const pending = this.#pending;
    this.#pending = new Map();
    for (const [channel, data] of pending) this.#deliver(channel, data);
  }

  #deliver(channel: string, data: unknown): void {
    for (const handler of this.#handlers.get(channel) ?? []) handler(data);
  }

  #heard(): void {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => this.#socket?.close(), SILENCE_MS);
  }

  #send(command: object): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(command));
  }

  #setState(state: StreamState): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

export const liveStream = new LiveStream();

/** Watch one channel while the component is mounted; null watches nothing. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the caller names the channel's shape
export function useChannel<Data>(channel: string | null, handler: (data: Data) => void): void {
  const handle = useEffectEvent(handler);
  useEffect(() => {
    if (!channel) return undefined;
    return liveStream.subscribe(channel, (data) => handle(data as Data));
  }, [channel]);
}

/** Whether the page hears the server now. */
export function useStreamState(): StreamState {
  return useSyncExternalStore(liveStream.watchState, () => liveStream.state);
}
