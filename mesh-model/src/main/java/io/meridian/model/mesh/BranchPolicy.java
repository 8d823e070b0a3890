package io.meridian.model.mesh;

import io.meridian.api.type.v1.MeshSpec.DivergencePolicy;
import io.meridian.model.mesh.BranchEntry.Assessment;
import java.util.List;

/** What a mesh's policy does with a divergent branch without an operator. Pure. */
public final class BranchPolicy {

    /** {@code reapply} in the branch's order, one command each; {@code discard} in one command. At most one of them is not empty. */
    public record Automatic(List<BranchEntry> reapply, List<BranchEntry> discard) {
        public static final Automatic NOTHING = new Automatic(List.of(), List.of());

        public Automatic {
            reapply = List.copyOf(reapply);
            discard = List.copyOf(discard);
        }
    }

    private BranchPolicy() {}

    /** Only open entries. What is for an operator is never brought back here, and what conflicts neither. */
    public static Automatic automatic(DivergencePolicy policy, DivergentBranch branch) {
        return switch (policy) {
            case REAPPLY_NON_CONFLICTING ->
                new Automatic(
                        branch.openEntries().stream()
                                .filter(entry -> entry.assessment() == Assessment.REAPPLIABLE && !entry.operatorOnly())
                                .toList(),
                        List.of());
            case DISCARD -> new Automatic(List.of(), branch.openEntries());
            case MANUAL, DIVERGENCE_POLICY_UNSPECIFIED, UNRECOGNIZED -> Automatic.NOTHING;
        };
    }
}
