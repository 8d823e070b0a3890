package io.meridian.compiler.internal.route;

import io.meridian.compiler.Fragment;
import io.meridian.compiler.internal.graph.Query;

/** A virtual host, serialized as an element of its route configuration. */
interface VirtualHostQuery extends Query<Fragment> {
    /** Unique in the route configuration, whose order it decides. */
    String name();
}
