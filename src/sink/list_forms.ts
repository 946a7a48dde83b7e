/** The forms of lists, the first of which is meant where none is named. */
export const LIST_FORMS = ["tsv", "path-label", "lst", "insightface"] as const;

/** A form of lists. */
export type ListForm = typeof LIST_FORMS[number];
