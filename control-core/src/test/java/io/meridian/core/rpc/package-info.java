/** What all entrances share, over a real socket. */
@NullMarked
package io.meridian.core.rpc;

import org.jspecify.annotations.NullMarked;
