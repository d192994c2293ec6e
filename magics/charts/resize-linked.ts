import { titleLines } from './title.ts';

/** Pixels beside the plots of linked charts that labels take. */
export const labelPixels = 150;
/** No plot is narrower. */
const leastPixels = 120;

/** Linked charts in another width, in pixels; their titles are broken anew to fit. */
export function resizeLinked<Spec extends { readonly vconcat: unknown }>(spec: Spec, width: number): Spec {
  const views = spec.vconcat as { readonly title: { readonly text: string | string[] } }[];
  const resized = views.map((view) => ({
    ...view,
    width: Math.max(leastPixels, width - labelPixels),
    title: { ...view.title, text: titleLines([view.title.text].flat().join(' '), width - labelPixels) },
  }));
  return { ...spec, vconcat: resized };
}
