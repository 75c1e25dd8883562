import { useEffect, useEffectEvent, useId, useMemo, useRef } from "react";

import { formatDate, formatDateTime, formatStep, formatTime } from "@/shared/lib/format";
import {
  clampView,
  FIRST_VIEW,
  priceRange,
  RIGHT_GAP,
  scenePlugin,
  toBar,
  visible,
  type CandleLike,
  type Mark,
  type PriceLine,
  type Scene,
  type View,
} from "@/shared/charts/candle-scene";
import { Chart, readPalette } from "@/shared/charts/setup";
import { useTheme } from "@/shared/charts/use-theme";

interface CandleChartProps {
  symbol: string;
  candles: CandleLike[];
  intervalMs: number;
  tickSize: string;
  marks?: Mark[];
  lines?: PriceLine[];
  className?: string;
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
    view.current = clampView({ from, to }, sceneRef.current?.bars.length ?? 0);
    apply();
  });

  useEffect(() => {
    const element = canvas.current;
    if (!element) return undefined;
    const palette = readPalette();
    sceneRef.current = { bars: [], marks: [], lines: [], palette, tickSize };
    const time = (value: number) => {
      const bar = sceneRef.current?.bars[Math.round(value)];
      if (!bar) return "";
      return intervalMs >= 14_400_000 ? formatDate(bar.t) : formatTime(bar.t).replace(/:\d\d(?=\s|$)/, "");
    };
    const chart = new Chart(element, {
      type: "line",
      data: { datasets: [{ data: [] }] },
      plugins: [scenePlugin(() => sceneRef.current ?? { bars: [], marks: [], lines: [], palette, tickSize })],
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
    view.current = clampView({ from: target[0], to: target[1] }, bars.length);
    const chart = chartRef.current;
    if (!chart?.options.scales?.x) return;
    Object.assign(chart.options.scales.x, { min: view.current.from, max: view.current.to });
    chart.update("none");
  };

  const last = candles.at(-1);
  return (
    <figure aria-labelledby={summary}>
      {/* eslint-disable jsx-a11y/no-noninteractive-tabindex, jsx-a11y/no-noninteractive-element-interactions -- the chart pans and zooms by keyboard */}
      <div
        className={`relative touch-pan-y ${className}`}
        tabIndex={0}
        role="group"
        aria-label={`${symbol} candles; arrow keys pan and zoom`}
        onKeyDown={onKeyDown}
      >
        <canvas ref={canvas} className="cursor-grab active:cursor-grabbing" />
      </div>
      {/* eslint-enable jsx-a11y/no-noninteractive-tabindex, jsx-a11y/no-noninteractive-element-interactions */}
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
