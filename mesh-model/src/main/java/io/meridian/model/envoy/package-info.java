/**
 * What Envoy takes in texts that it reads as a language of its own. A proxy refuses the whole of an update for one text that it can't read,
 * so such texts are refused where they enter the mesh. Pure.
 */
@NullMarked
package io.meridian.model.envoy;

import org.jspecify.annotations.NullMarked;
