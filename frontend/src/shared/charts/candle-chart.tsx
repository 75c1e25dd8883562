import { useEffect, useEffectEvent, useId, useMemo, useRef } from "react";
import type { Plugin } from "chart.js";

import { formatDate, formatDateTime, formatStep, formatTime } from "@/shared/lib/format";
import { Chart, readPalette, type Palette } from "@/shared/charts/setup";
import { useTheme } from "@/shared/charts/use-theme";

export interface CandleLike {
  open_time: number;
  open: string;
  high: string;
  low: string;
  close: string;
  volume: string;
  closed: boolean;
}

export interface Mark {
  t: number;
  price: string;
  side: "buy" | "sell";
}

interface PriceLine {
  price: string;
  label: string;
  side: "buy" | "sell";
}

interface CandleChartProps {
  symbol: string;
  candles: CandleLike[];
  intervalMs: number;
  tickSize: string;
  marks?: Mark[];
  lines?: PriceLine[];
  className?: string;
}

/** A candle as the canvas needs it; the only place where a price becomes a float, to become a pixel. */
interface Bar {
  t: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

interface View {
  from: number;
  to: number;
}

const FIRST_VIEW = 120;
const FEWEST = 15;
const VOLUME_SHARE = 0.18;
const RIGHT_GAP = 4;

function toBar(candle: CandleLike): Bar {
  return {
    t: candle.open_time,
    open: Number(candle.open),
    high: Number(candle.high),
    low: Number(candle.low),
    close: Number(candle.close),
    volume: Number(candle.volume),
  };
}

interface Scene {
  bars: Bar[];
  marks: { index: number; price: number; side: "buy" | "sell" }[];
  lines: PriceLine[];
  palette: Palette;
  tickSize: string;
  hover: number | null;
}

function visible(scene: Scene, view: View): Bar[] {
  return scene.bars.slice(Math.max(0, Math.floor(view.from)), Math.max(0, Math.ceil(view.to)) + 1);
}

function priceRange(bars: Bar[]): { min: number; max: number } {
  let min = Infinity;
  let max = -Infinity;
  for (const bar of bars) {
    if (bar.low < min) min = bar.low;
    if (bar.high > max) max = bar.high;
  }
  if (min > max) return { min: 0, max: 1 };
  const pad = (max - min || max * 0.01) * 0.08;
  // Room below for the volume bars, so that they never cover a candle.
  return { min: min - pad - ((max - min) * VOLUME_SHARE) / (1 - VOLUME_SHARE), max: max + pad };
}

function drawBars(chart: Chart<"line">, scene: Scene): void {
  const { ctx, chartArea: area } = chart;
  const x = chart.scales.x;
  const y = chart.scales.y;
  if (!x || !y) return;
  const first = Math.max(0, Math.floor(x.min));
  const last = Math.min(scene.bars.length - 1, Math.ceil(x.max));
  const width = Math.max(1, Math.min(18, (x.getPixelForValue(1) - x.getPixelForValue(0)) * 0.7));
  let mostVolume = 0;
  for (let index = first; index <= last; index += 1)
    mostVolume = Math.max(mostVolume, scene.bars[index]?.volume ?? 0);
  const volumeHeight = (area.bottom - area.top) * VOLUME_SHARE;
  ctx.save();
  ctx.beginPath();
  ctx.rect(area.left, area.top, area.width, area.height);
  ctx.clip();
  for (const rising of [true, false]) {
    const colour = rising ? scene.palette.up : scene.palette.down;
    ctx.fillStyle = colour;
    ctx.strokeStyle = colour;
    ctx.lineWidth = 1;
    const wicks = new Path2D();
    const bodies = new Path2D();
    const volumes = new Path2D();
    for (let index = first; index <= last; index += 1) {
      const bar = scene.bars[index];
      if (!bar || bar.close >= bar.open !== rising) continue;
      const centre = Math.round(x.getPixelForValue(index)) + 0.5;
      const top = y.getPixelForValue(Math.max(bar.open, bar.close));
      const bottom = y.getPixelForValue(Math.min(bar.open, bar.close));
      wicks.moveTo(centre, y.getPixelForValue(bar.high));
      wicks.lineTo(centre, y.getPixelForValue(bar.low));
      bodies.rect(centre - width / 2, top, width, Math.max(1, bottom - top));
      const height = mostVolume > 0 ? (bar.volume / mostVolume) * volumeHeight : 0;
      volumes.rect(centre - width / 2, area.bottom - height, width, height);
    }
    ctx.stroke(wicks);
    ctx.fill(bodies);
    ctx.globalAlpha = 0.22;
    ctx.fill(volumes);
    ctx.globalAlpha = 1;
  }
  for (const mark of scene.marks) {
    if (mark.index < first || mark.index > last) continue;
    const buy = mark.side === "buy";
    const px = x.getPixelForValue(mark.index);
    const py = y.getPixelForValue(mark.price) + (buy ? 9 : -9);
    ctx.beginPath();
    ctx.moveTo(px, py + (buy ? -7 : 7));
    ctx.lineTo(px - 6, py + (buy ? 4 : -4));
    ctx.lineTo(px + 6, py + (buy ? 4 : -4));
    ctx.closePath();
    ctx.fillStyle = buy ? scene.palette.up : scene.palette.down;
    ctx.strokeStyle = scene.palette.surface;
    ctx.lineWidth = 2;
    ctx.stroke();
    ctx.fill();
  }
  ctx.restore();
}

function drawLevel(
  chart: Chart<"line">,
  scene: Scene,
  price: number,
  text: string,
  colour: string,
  dash: number[],
): void {
  const { ctx, chartArea: area } = chart;
  const y = chart.scales.y;
  if (!y || price < y.min || price > y.max) return;
  const py = Math.round(y.getPixelForValue(price)) + 0.5;
  ctx.save();
  ctx.strokeStyle = colour;
  ctx.setLineDash(dash);
  ctx.lineWidth = 1;
  ctx.beginPath();
  ctx.moveTo(area.left, py);
  ctx.lineTo(area.right, py);
  ctx.stroke();
  ctx.setLineDash([]);
  ctx.font = "600 11px ui-monospace, monospace";
  const width = ctx.measureText(text).width + 10;
  ctx.fillStyle = colour;
  ctx.fillRect(chart.width - width, py - 9, width, 18);
  ctx.fillStyle = scene.palette.surface;
  ctx.textBaseline = "middle";
  ctx.fillText(text, chart.width - width + 5, py + 0.5);
  ctx.restore();
}

function scenePlugin(read: () => Scene): Plugin<"line"> {
  return {
    id: "candles",
    afterDatasetsDraw(chart) {
      const scene = read();
      drawBars(chart, scene);
      for (const line of scene.lines) {
        const colour = line.side === "buy" ? scene.palette.up : scene.palette.down;
        drawLevel(chart, scene, Number(line.price), line.label, colour, [2, 3]);
      }
      const last = scene.bars.at(-1);
      if (last) {
        const colour = last.close >= last.open ? scene.palette.up : scene.palette.down;
        drawLevel(chart, scene, last.close, formatStep(String(last.close), scene.tickSize), colour, [5, 4]);
      }
    },
  };
}

/**
 * Candles with volume on Chart.js: wheel or pinch zooms, dragging or arrow keys pan.
 * Only the visible slice is drawn, so five thousand candles cost as little as a hundred.
 */
export function CandleChart({
  symbol,
  candles,
  intervalMs,
  tickSize,
  marks = [],
  lines = [],
  className = "h-80",
}: CandleChartProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const chartRef = useRef<Chart<"line"> | null>(null);
  const view = useRef<View | null>(null);
  const sceneRef = useRef<Scene | null>(null);
  const theme = useTheme();
  const summary = useId();

  const bars = useMemo(() => candles.map(toBar), [candles]);
  const placed = useMemo(() => {
    const firstTime = bars[0]?.t ?? 0;
    return marks.map((mark) => ({
      index: Math.floor((mark.t - firstTime) / intervalMs),
      price: Number(mark.price),
      side: mark.side,
    }));
  }, [marks, bars, intervalMs]);

  const apply = useEffectEvent(() => {
    const chart = chartRef.current;
    const scene = sceneRef.current;
    if (!chart || !scene || !chart.options.scales) return;
    const end = scene.bars.length - 1 + RIGHT_GAP;
    view.current ??= { from: end - FIRST_VIEW, to: end };
    const range = priceRange(visible(scene, view.current));
    const { x, y } = chart.options.scales;
    if (!x || !y) return;
    Object.assign(x, { min: view.current.from, max: view.current.to });
    Object.assign(y, range);
    chart.update("none");
  });

  const move = useEffectEvent((from: number, to: number) => {
    const count = sceneRef.current?.bars.length ?? 0;
    const span = Math.min(Math.max(to - from, FEWEST), Math.max(FEWEST, count + RIGHT_GAP));
    const right = Math.min(Math.max(to, FEWEST), count - 1 + RIGHT_GAP);
    view.current = { from: right - span, to: right };
    apply();
  });

  useEffect(() => {
    const element = canvas.current;
    if (!element) return undefined;
    const palette = readPalette();
    sceneRef.current = { bars: [], marks: [], lines: [], palette, tickSize, hover: null };
    const time = (value: number) => {
      const bar = sceneRef.current?.bars[Math.round(value)];
      if (!bar) return "";
      return intervalMs >= 14_400_000 ? formatDate(bar.t) : formatTime(bar.t).replace(/:\d\d(?=\s|$)/, "");
    };
    const chart = new Chart(element, {
      type: "line",
      data: { datasets: [{ data: [] }] },
      plugins: [
        scenePlugin(
          () => sceneRef.current ?? { bars: [], marks: [], lines: [], palette, tickSize, hover: null },
        ),
      ],
      options: {
        events: [],
        plugins: { legend: { display: false }, tooltip: { enabled: false }, decimation: { enabled: false } },
        layout: { padding: { right: 2 } },
        scales: {
          x: {
            type: "linear",
            grid: { color: palette.line },
            border: { color: palette.line },
            ticks: {
              color: palette.muted,
              maxRotation: 0,
              maxTicksLimit: 8,
              callback: (value) => time(Number(value)),
              precision: 0,
            },
          },
          y: {
            position: "right",
            grid: { color: palette.line },
            border: { display: false },
            ticks: {
              color: palette.muted,
              maxTicksLimit: 8,
              callback: (value) => formatStep(Number(value).toFixed(12), tickSize),
            },
          },
        },
      },
    });
    chartRef.current = chart;

    const perPixel = () => {
      const current = view.current;
      return current ? (current.to - current.from) / Math.max(1, chart.chartArea.width) : 1;
    };
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const current = view.current;
      if (!current) return;
      const factor = event.deltaY > 0 ? 1.15 : 1 / 1.15;
      move(current.to - (current.to - current.from) * factor, current.to);
    };
    const pointers = new Map<number, number>();
    const onDown = (event: PointerEvent) => {
      pointers.set(event.pointerId, event.clientX);
      element.setPointerCapture(event.pointerId);
    };
    const onMove = (event: PointerEvent) => {
      const before = pointers.get(event.pointerId);
      const current = view.current;
      if (before === undefined || !current) return;
      const delta = event.clientX - before;
      if (pointers.size === 2) {
        const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1] ?? before;
        const gap = Math.max(20, Math.abs(event.clientX - other));
        const factor = Math.max(20, Math.abs(before - other)) / gap;
        move(current.to - (current.to - current.from) * factor, current.to);
      } else {
        const shift = delta * perPixel();
        move(current.from - shift, current.to - shift);
      }
      pointers.set(event.pointerId, event.clientX);
    };
    const onUp = (event: PointerEvent) => pointers.delete(event.pointerId);
    element.addEventListener("wheel", onWheel, { passive: false });
    element.addEventListener("pointerdown", onDown);
    element.addEventListener("pointermove", onMove);
    element.addEventListener("pointerup", onUp);
    element.addEventListener("pointercancel", onUp);
    return () => {
      element.removeEventListener("wheel", onWheel);
      element.removeEventListener("pointerdown", onDown);
      element.removeEventListener("pointermove", onMove);
      element.removeEventListener("pointerup", onUp);
      element.removeEventListener("pointercancel", onUp);
      chart.destroy();
      chartRef.current = null;
      view.current = null;
    };
  }, [theme, intervalMs, tickSize, symbol]);

  useEffect(() => {
    const scene = sceneRef.current;
    if (!scene) return;
    const before = scene.bars;
    const grown = bars.length - before.length;
    const atEnd = view.current !== null && view.current.to >= before.length - 1;
    scene.bars = bars;
    scene.marks = placed;
    scene.lines = lines;
    // Follow the newest candle only where the reader already looked at it.
    if (view.current && atEnd && before.length > 0 && grown > 0) {
      view.current = { from: view.current.from + grown, to: view.current.to + grown };
    }
    apply();
  }, [bars, placed, lines, theme, intervalMs, tickSize, symbol]);

  const onKeyDown = (event: React.KeyboardEvent) => {
    const current = view.current;
    if (!current) return;
    const span = current.to - current.from;
    const moves: Record<string, [number, number]> = {
      ArrowLeft: [current.from - span * 0.1, current.to - span * 0.1],
      ArrowRight: [current.from + span * 0.1, current.to + span * 0.1],
      ArrowUp: [current.to - span / 1.2, current.to],
      ArrowDown: [current.to - span * 1.2, current.to],
    };
    const target = moves[event.key];
    if (!target) return;
    event.preventDefault();
    const count = bars.length;
    const width = Math.min(Math.max(target[1] - target[0], FEWEST), Math.max(FEWEST, count + RIGHT_GAP));
    const right = Math.min(Math.max(target[1], FEWEST), count - 1 + RIGHT_GAP);
    view.current = { from: right - width, to: right };
    const chart = chartRef.current;
    if (!chart?.options.scales?.x) return;
    Object.assign(chart.options.scales.x, { min: right - width, max: right });
    chart.update("none");
  };

  const last = candles.at(-1);
  return (
    <figure aria-labelledby={summary}>
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex, jsx-a11y/no-noninteractive-element-interactions -- the chart pans and zooms by keyboard */}
      <div
        className={`relative touch-pan-y ${className}`}
        tabIndex={0}
        role="group"
        aria-label={`${symbol} candles; arrow keys pan and zoom`}
        onKeyDown={onKeyDown}
      >
        <canvas ref={canvas} className="cursor-grab active:cursor-grabbing" />
      </div>
      <figcaption id={summary} className="sr-only">
        {last
          ? `${symbol}: open ${last.open}, high ${last.high}, low ${last.low}, close ${last.close} at ${formatDateTime(last.open_time)}`
          : `${symbol}: no candles yet`}
      </figcaption>
      <details className="px-4 pb-2 text-xs text-faint">
        <summary className="w-fit cursor-pointer rounded px-1 py-0.5 hover:text-ink">Show as table</summary>
        <div className="mt-2 max-h-64 overflow-auto">
          <table className="tnum w-full text-right text-sm">
            <thead>
              <tr>
                {["Time", "Open", "High", "Low", "Close", "Volume"].map((name) => (
                  <th key={name} scope="col" className="px-2 font-medium first:text-left">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {candles
                .slice(-40)
                .reverse()
                .map((candle) => (
                  <tr key={candle.open_time}>
                    <td className="px-2 text-left">{formatDateTime(candle.open_time)}</td>
                    <td className="px-2">{formatStep(candle.open, tickSize)}</td>
                    <td className="px-2">{formatStep(candle.high, tickSize)}</td>
                    <td className="px-2">{formatStep(candle.low, tickSize)}</td>
                    <td className="px-2">{formatStep(candle.close, tickSize)}</td>
                    <td className="px-2">{candle.volume}</td>
                  </tr>
                ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}
