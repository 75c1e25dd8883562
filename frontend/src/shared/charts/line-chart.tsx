import { useEffect, useId, useRef } from "react";
import type { ChartDataset } from "chart.js";

import {
  formatDate,
  formatDateTime,
  formatNumber,
  formatShortDateTime,
  formatTime,
} from "@/shared/lib/format";
import { Chart, readPalette, type Palette } from "@/shared/charts/setup";
import { useTheme } from "@/shared/charts/use-theme";

export interface Series {
  name: string;
  tone: "accent" | "muted" | "up" | "warn";
  dashed?: boolean;
  points: { t: number; value: number }[];
}

interface LineChartProps {
  title: string;
  series: Series[];
  unit: string;
  className?: string;
}

const DAY_MS = 86_400_000;

function axisTime(time: number, span: number): string {
  if (span > 3 * DAY_MS) return formatDate(time);
  return span > DAY_MS / 2 ? formatShortDateTime(time) : formatTime(time);
}

function dataset(
  series: Series,
  palette: Palette,
  fill: boolean,
): ChartDataset<"line", { x: number; y: number }[]> {
  const colour = palette[series.tone];
  return {
    label: series.name,
    data: series.points.map((point) => ({ x: point.t, y: point.value })),
    borderColor: colour,
    backgroundColor: `${colour}1f`,
    borderWidth: series.dashed ? 1.25 : 1.75,
    borderDash: series.dashed ? [5, 4] : [],
    pointRadius: 0,
    fill: fill ? "origin" : false,
    tension: 0,
  };
}

/** Lines over time, with the same figures as a table for those who read tables. */
export function LineChart({ title, series, unit, className = "h-64" }: LineChartProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useTheme();
  const id = useId();
  useEffect(() => {
    if (!canvas.current) return undefined;
    const palette = readPalette();
    const points = series[0]?.points ?? [];
    const span = points.length > 1 ? (points.at(-1)?.t ?? 0) - (points[0]?.t ?? 0) : 0;
    const chart = new Chart(canvas.current, {
      type: "line",
      data: { datasets: series.map((one) => dataset(one, palette, false)) },
      options: {
        parsing: false,
        normalized: true,
        interaction: { mode: "index", intersect: false },
        plugins: {
          legend: {
            display: series.length > 1,
            align: "end",
            labels: { color: palette.muted, boxWidth: 14, boxHeight: 1 },
          },
          decimation: { enabled: true, algorithm: "lttb", samples: 400 },
          tooltip: {
            callbacks: {
              title: (items) => formatDateTime(items[0]?.parsed.x ?? 0),
              label: (item) => `${item.dataset.label ?? ""}: ${formatNumber(item.parsed.y)} ${unit}`,
            },
          },
        },
        scales: {
          x: {
            type: "linear",
            grid: { display: false },
            border: { color: palette.line },
            ticks: {
              color: palette.muted,
              maxTicksLimit: 7,
              maxRotation: 0,
              callback: (value) => axisTime(Number(value), span),
            },
            ...(points.length > 1 ? { min: points[0]?.t ?? 0, max: points.at(-1)?.t ?? 1 } : {}),
          },
          y: {
            position: "right",
            grid: { color: palette.line },
            border: { display: false },
            ticks: { color: palette.muted, maxTicksLimit: 6 },
          },
        },
      },
    });
    return () => chart.destroy();
  }, [series, theme, unit]);

  const first = series[0]?.points.at(0);
  const last = series[0]?.points.at(-1);
  const step = Math.max(1, Math.ceil((series[0]?.points.length ?? 0) / 24));
  return (
    <figure aria-labelledby={id}>
      <div className={`relative ${className}`}>
        <canvas ref={canvas} role="img" aria-label={title} />
      </div>
      <figcaption id={id} className="sr-only">
        {title}
        {first && last && `: from ${formatNumber(first.value)} to ${formatNumber(last.value)} ${unit}`}
      </figcaption>
      <details className="mt-1 text-xs text-faint">
        <summary className="w-fit cursor-pointer rounded px-1 py-0.5 hover:text-ink">Show as table</summary>
        <div className="mt-2 max-h-64 overflow-auto">
          <table className="tnum w-full text-left text-sm">
            <thead>
              <tr>
                <th scope="col" className="pr-4 font-medium">
                  Time
                </th>
                {series.map((one) => (
                  <th
                    key={one.name}
                    scope="col"
                    className="pr-4 text-right font-medium"
                  >{`${one.name} (${unit})`}</th>
                ))}
              </tr>
            </thead>
            <tbody>
              {(series[0]?.points ?? []).map((point, row) =>
                row % step === 0 || row === (series[0]?.points.length ?? 0) - 1 ? (
                  <tr key={point.t}>
                    <td className="pr-4">{formatShortDateTime(point.t)}</td>
                    {series.map((one) => (
                      <td key={one.name} className="pr-4 text-right">
                        {formatNumber(one.points[row]?.value)}
                      </td>
                    ))}
                  </tr>
                ) : null,
              )}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  );
}
