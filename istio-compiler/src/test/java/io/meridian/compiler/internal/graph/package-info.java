/** Tests of the graph, and what tests need to see of it. */
@NullMarked
package io.meridian.compiler.internal.graph;

import org.jspecify.annotations.NullMarked;
