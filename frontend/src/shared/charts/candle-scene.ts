/** What the candle chart draws, and how: pure functions of a scene and a view. */
import type { Plugin } from "chart.js";

import { Chart, type Palette } from "@/shared/charts/setup";
import { formatStep } from "@/shared/lib/format";

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

export interface PriceLine {
  price: string;
  label: string;
  side: "buy" | "sell";
}

/** A candle as the canvas needs it; the only place where a price becomes a float, to become a pixel. */
export interface Bar {
  t: number;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

export interface View {
  from: number;
  to: number;
}

export const FIRST_VIEW = 120;
/** Fewest candles in sight at the closest zoom. */
const FEWEST = 15;
const VOLUME_SHARE = 0.18;
export const RIGHT_GAP = 4;

export function toBar(candle: CandleLike): Bar {
  return {
    t: candle.open_time,
    open: Number(candle.open),
    high: Number(candle.high),
    low: Number(candle.low),
    close: Number(candle.close),
    volume: Number(candle.volume),
  };
}

export interface Scene {
  bars: Bar[];
  marks: { index: number; price: number; side: "buy" | "sell" }[];
  lines: PriceLine[];
  palette: Palette;
  tickSize: string;
}

export function visible(scene: Scene, view: View): Bar[] {
  return scene.bars.slice(Math.max(0, Math.floor(view.from)), Math.max(0, Math.ceil(view.to)) + 1);
}

export function priceRange(bars: Bar[]): { min: number; max: number } {
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

export function scenePlugin(read: () => Scene): Plugin<"line"> {
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

/** Keep a view within the candles there are, at a sensible zoom. */
export function clampView(view: View, count: number): View {
  const span = Math.min(Math.max(view.to - view.from, FEWEST), Math.max(FEWEST, count + RIGHT_GAP));
  const right = Math.min(Math.max(view.to, FEWEST), count - 1 + RIGHT_GAP);
  return { from: right - span, to: right };
}
