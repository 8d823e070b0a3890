/**
 * From a mesh's image and a proxy's scope to the xDS resources that it is served. Pure: no network, no clock, no threads.
 *
 * <p>A node of the compile graph is (type, name, scope class); its generator sees its key and a tracked view and nothing else.
 */
@NullMarked
package io.meridian.compiler;

import org.jspecify.annotations.NullMarked;
