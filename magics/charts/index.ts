export { type Bar, type BarChartOptions, barChart } from './bar.ts';
export { chartBundle } from './bundle.ts';
export type { Axis, ChartText } from './chart.ts';
export { type HistogramChartOptions, type HistogramSeries, histogramChart } from './histogram.ts';
export { type Interval, type IntervalChartOptions, intervalChart } from './interval.ts';
export { type LineChartOptions, type LineMark, type LineSeries, lineChart } from './line.ts';
export type { ChartSpec } from './spec.ts';
export { toSvg } from './svg.ts';
export { type ClientColors, forClient, palette, theme } from './theme.ts';
