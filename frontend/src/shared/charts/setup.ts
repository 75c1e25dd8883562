/** Chart.js with only the parts this product draws, in the page's colours. */
import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  Decimation,
  Filler,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  TimeSeriesScale,
  Tooltip,
} from "chart.js";

Chart.register(
  BarController,
  BarElement,
  CategoryScale,
  Decimation,
  Filler,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  TimeSeriesScale,
  Tooltip,
);
Chart.defaults.animation = false;
Chart.defaults.responsive = true;
Chart.defaults.maintainAspectRatio = false;
Chart.defaults.font.family = "inherit";

export { Chart };

export interface Palette {
  ink: string;
  muted: string;
  line: string;
  surface: string;
  accent: string;
  up: string;
  down: string;
  warn: string;
}

/** The theme's colours as the canvas needs them: resolved. */
export function readPalette(): Palette {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    ink: read("--ink"),
    muted: read("--faint"),
    line: read("--line"),
    surface: read("--surface"),
    accent: read("--accent"),
    up: read("--up"),
    down: read("--down"),
    warn: read("--warn"),
  };
}
