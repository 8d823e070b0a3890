/** Clusters and their endpoint assignments. */
@NullMarked
package io.meridian.compiler.internal.cluster;

import org.jspecify.annotations.NullMarked;
