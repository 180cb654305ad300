/**
 * Runs in a page: keeps in `heard` what a screen reader says by itself, as ARIA defines live regions. A region counts once
 * it was there and to be seen before something came into it (an alert at once), its nearest setting decides, one that is
 * atomic is read whole, and nothing is said out of what is busy.
 */
export const HEARING = `
  window.heard = [];
  (() => {
    const REGION = '[aria-live], [role=status], [role=alert], [role=log]';
    const DEFAULTS = { status: 'polite', log: 'polite', alert: 'assertive' };
    let known = new Set();
    const look = () => { known = new Set([...document.querySelectorAll(REGION)].filter((node) => node.checkVisibility())); };
    const wordsOf = (node) => node.nodeType === 3 ? node.data
      : node.nodeType !== 1 || node.matches('[aria-hidden=true], [aria-live=off]') || !node.checkVisibility() ? ''
      : (node.getAttribute('aria-label') && node.matches('button') ? node.getAttribute('aria-label') : [...node.childNodes].map(wordsOf).join(' '));
    const hear = (records) => {
      const said = new Map();
      for (const { type, target, addedNodes, oldValue } of records)
        for (const node of type === 'characterData' ? [target] : addedNodes) {
          // A text put into itself is no change.
          if (type === 'characterData' && node.data === oldValue) continue;
          const region = (node.nodeType === 1 ? node : node.parentElement)?.closest(REGION);
          if (!region?.isConnected || region.closest('[aria-busy=true], [aria-hidden=true]')) continue;
          const role = region.getAttribute('role');
          const how = region.getAttribute('aria-live') ?? DEFAULTS[role];
          if (how === 'off' || (!known.has(region) && role !== 'alert')) continue;
          const isAtomic = (region.getAttribute('aria-atomic') ?? String(role === 'status' || role === 'alert')) === 'true';
          const parts = said.get(region) ?? { how, words: [] };
          if (isAtomic) parts.words = [wordsOf(region)];
          // What came into something that came itself is said with it.
          else if (![...addedNodes].some((other) => other !== node && other.contains(node))) parts.words.push(wordsOf(node));
          said.set(region, parts);
        }
      for (const { how, words } of said.values()) {
        const text = words.join(' ').replace(/\\s+/g, ' ').trim();
        if (text !== '') heard.push(how + ': ' + text);
      }
      look();
    };
    look();
    new MutationObserver(hear).observe(document.body, { subtree: true, childList: true, characterData: true, characterDataOldValue: true });
  })();`;
