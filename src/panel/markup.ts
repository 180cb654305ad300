export interface PageSource {
  language: string;
  /** What scripts of the page are known by: new for each page. */
  nonce: string;
  /** Where the page's own files come from, as a policy names it. */
  origin: string;
  /** The address of one of the product's files. */
  address: (...parts: string[]) => string;
}

/** The page before it is drawn. Its policy: our own files alone, no markup made from strings, nothing sent anywhere. */
export function pageMarkup({ language, nonce, origin, address }: PageSource): string {
  const policy = `default-src 'none'; style-src ${origin}; font-src ${origin}; img-src ${origin} data:; script-src 'nonce-${nonce}'; require-trusted-types-for 'script'`;
  return `<!DOCTYPE html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${address('dist', 'codicon.css')}">
<link rel="stylesheet" href="${address('media', 'panel.css')}">
<title>ML Engineer</title>
</head>
<body>
<main id="panel"></main>
<script nonce="${nonce}" src="${address('dist', 'panel.js')}" data-colours="${address('dist', 'panel-colours.js')}" data-curves="${address('dist', 'panel-curves.js')}"></script>
</body>
</html>`;
}
