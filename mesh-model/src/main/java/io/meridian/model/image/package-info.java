/**
 * What proxies are served from: the state that the log folds to, with the inventory of the clusters beside it. Each change yields a new
 * image and says what differs, so that everything downstream works on deltas. Pure.
 */
@NullMarked
package io.meridian.model.image;

import org.jspecify.annotations.NullMarked;
