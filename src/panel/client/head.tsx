import type { JSX } from 'preact';
import type { Labels, Send } from '../protocol';
import type { PanelHead } from '../sections/head';
import { Glyph } from './parts';

/** What the session is about, and how it stands. */
export function Head({ head, labels }: { head: PanelHead; labels: Labels }): JSX.Element {
  const { kind, detail } = head.status;
  const words = kind === 'none' ? detail : [labels[kind], detail].filter(Boolean).join(' ');
  return (
    <>
      <h1 class="title">{head.title}</h1>
      <p class="status" role="status" aria-live="polite">
        {kind === 'none' ? null : <Glyph class={`dot ${kind}`} />}
        <span>{words}</span>
      </p>
    </>
  );
}

export function Empty({ labels, send }: { labels: Labels; send: Send }): JSX.Element {
  return (
    <section class="empty" role="region" aria-label={labels.emptyTitle}>
      <h1 class="title">{labels.emptyTitle}</h1>
      <p>{labels.emptyBody}</p>
      <button type="button" class="primary" onClick={() => send({ type: 'openChat' })}>
        {labels.openChat}
      </button>
    </section>
  );
}
