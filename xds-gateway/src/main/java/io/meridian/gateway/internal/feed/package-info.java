/**
 * From the region's event feed to views: follows each mesh's feed, folds it, keeps a copy on disk, compiles and hands out the views of the
 * connected proxies. One thread per mesh owns its image and its compiler; what leaves is immutable.
 */
@NullMarked
package io.meridian.gateway.internal.feed;

import org.jspecify.annotations.NullMarked;
