// Where things are on the page.

/// The last answer's text.
export const lastAnswer = (page) => page.getByRole('article', {name: 'Answer'}).last().locator('.prose').last();
export const button = (page, name) => page.getByRole('button', {name, exact: true});
