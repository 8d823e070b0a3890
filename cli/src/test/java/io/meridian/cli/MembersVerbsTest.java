package io.meridian.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import io.grpc.stub.StreamObserver;
import io.meridian.api.admin.v1.ChangeMembersRequest;
import io.meridian.api.admin.v1.ChangeMembersResponse;
import io.meridian.api.admin.v1.ListMeshesRequest;
import io.meridian.api.admin.v1.ListMeshesResponse;
import io.meridian.api.admin.v1.MembersPlan;
import io.meridian.api.admin.v1.Mesh;
import io.meridian.api.admin.v1.MeshServiceGrpc;
import io.meridian.api.admin.v1.PlanMembersRequest;
import io.meridian.api.admin.v1.RegionServiceGrpc;
import io.meridian.api.admin.v1.ReplaceRegionRequest;
import io.meridian.api.admin.v1.ReplaceRegionResponse;
import io.meridian.api.admin.v1.WriteResponse;
import io.meridian.api.events.v1.Member;
import io.meridian.cli.fixture.AdminServer;
import io.meridian.cli.fixture.Bookinfo;
import io.meridian.cli.fixture.Cli;
import io.meridian.cli.fixture.Run;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MembersVerbsTest {
    private final List<ChangeMembersRequest> joins = new CopyOnWriteArrayList<>();
    private final List<ChangeMembersRequest> leaves = new CopyOnWriteArrayList<>();
    private final List<ReplaceRegionRequest> replacements = new CopyOnWriteArrayList<>();
    private final AdminServer server = new AdminServer(new Regions(), new Meshes());

    @AfterEach
    void stop() {
        server.close();
    }

    private static WriteResponse at(long seq) {
        return WriteResponse.newBuilder()
                .setPosition(Bookinfo.position(65, seq))
                .build();
    }

    private static final class Meshes extends MeshServiceGrpc.MeshServiceImplBase {
        @Override
        public void listMeshes(ListMeshesRequest request, StreamObserver<ListMeshesResponse> answer) {
            answer.onNext(ListMeshesResponse.newBuilder()
                    .addMeshes(Mesh.newBuilder().setName("meshes/bookinfo"))
                    .addMeshes(Mesh.newBuilder().setName("meshes/payments"))
                    .build());
            answer.onCompleted();
        }
    }

    /** Refuses changes of mesh payments. */
    private final class Regions extends RegionServiceGrpc.RegionServiceImplBase {
        @Override
        public void planMembers(PlanMembersRequest request, StreamObserver<MembersPlan> answer) {
            answer.onNext(MembersPlan.newBuilder()
                    .setMesh(request.getMesh())
                    .setHomeRegion("eu-1")
                    .addMembers(Member.newBuilder().setName("eu-1").setIndex(1))
                    .addMembers(Member.newBuilder().setName("us-1").setIndex(2))
                    .addMembers(Member.newBuilder().setName("w-1").setIndex(3).setWitness(true))
                    .addMembersAfter(Member.newBuilder().setName("eu-1").setIndex(1))
                    .addMembersAfter(
                            Member.newBuilder().setName("w-1").setIndex(3).setWitness(true))
                    .setMajorityAfter(2)
                    .addReachableAfter("eu-1")
                    .addUnreachableAfter("w-1")
                    .setProxiesThatStayBehind(4)
                    .setDurability("LOCAL")
                    .addObstacles("region us-1 is lost")
                    .build());
            answer.onCompleted();
        }

        @Override
        public void joinRegion(ChangeMembersRequest request, StreamObserver<ChangeMembersResponse> answer) {
            joins.add(request);
            change(request, answer);
        }

        @Override
        public void leaveRegion(ChangeMembersRequest request, StreamObserver<ChangeMembersResponse> answer) {
            leaves.add(request);
            change(request, answer);
        }

        private void change(ChangeMembersRequest request, StreamObserver<ChangeMembersResponse> answer) {
            if (request.getMesh().equals("meshes/payments")) {
                answer.onError(AdminServer.refusal(
                        Code.FAILED_PRECONDITION,
                        "region us-1 is the home of mesh payments; hand the home over first",
                        ErrorInfo.newBuilder().setReason("REGION_IS_HOME").build()));
                return;
            }
            answer.onNext(ChangeMembersResponse.newBuilder().setWrite(at(7)).build());
            answer.onCompleted();
        }

        @Override
        public void replaceRegion(ReplaceRegionRequest request, StreamObserver<ReplaceRegionResponse> answer) {
            replacements.add(request);
            answer.onNext(ReplaceRegionResponse.newBuilder()
                    .setJoined(at(7))
                    .setLeft(at(8))
                    .build());
            answer.onCompleted();
        }
    }

    private Cli cli() {
        return Cli.on(server.address());
    }

    @Test
    void aRegionJoinsWithoutBeingAskedFor() {
        Run run = cli().run(
                        "regions", "join", "us-2", "--mesh", "bookinfo", "--reason", "a fourth", "--request-id", "j-1");

        assertThat(run).isEqualTo(new Run(0, "mesh/bookinfo: region/us-2 joined at 65.7\n", ""));
        ChangeMembersRequest request = joins.getFirst();
        assertThat(request.getRegion()).isEqualTo("us-2");
        assertThat(request.getWithoutMajority()).isFalse();
        assertThat(request.getOptions().getReason()).isEqualTo("a fourth");
        assertThat(request.getOptions().getRequestId()).isEqualTo("j-1");
    }

    @Test
    void leavingShowsThePlanAndHasTheNameTyped() {
        Run run = cli().types("us-1\n")
                .run("regions", "leave", "us-1", "--mesh", "bookinfo", "--reason", "closed", "--without-majority");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).isEqualTo("""
                        mesh bookinfo, home eu-1
                          Members:    eu-1, us-1, w-1 (witness)
                          Afterwards: eu-1, w-1 (witness)
                          Voters:     1 of 2 reachable, 2 are a majority; not reachable: w-1
                          Durability: LOCAL
                          Proxies:    4 are served by the region that leaves, and will hear of no change any more: move them first
                          Obstacle:   region us-1 is lost
                        mesh/bookinfo: region/us-1 left at 65.7
                        """);
        assertThat(leaves.getFirst().getWithoutMajority()).isTrue();
        assertThat(cli().types("us-2\n")
                        .run("regions", "leave", "us-1", "--mesh", "bookinfo", "--reason", "closed")
                        .exitCode())
                .isEqualTo(2);
        assertThat(leaves).hasSize(1);
    }

    @Test
    void whereNobodyCanBeAskedYesIsRequired() {
        Run run = cli().run("regions", "replace", "us-1", "--with", "us-2", "--all-meshes", "--reason", "lost");

        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("--yes");
        assertThat(server.calls()).isZero();
    }

    @Test
    void aReplacementTellsBothPositions() {
        Run run = cli().run(
                        "regions",
                        "replace",
                        "us-1",
                        "--with",
                        "us-2",
                        "--mesh",
                        "bookinfo",
                        "--reason",
                        "lost",
                        "--yes",
                        "-o",
                        "json");

        assertThat(run.out()).isEqualTo("""
                        {
                          "changes": [
                            {
                              "mesh": "bookinfo",
                              "region": "us-1",
                              "left": {
                                "position": {
                                  "mesh": "bookinfo",
                                  "epoch": 65,
                                  "seq": 8
                                },
                                "unchanged": false,
                                "replayed": false
                              },
                              "joined": {
                                "position": {
                                  "mesh": "bookinfo",
                                  "epoch": 65,
                                  "seq": 7
                                },
                                "unchanged": false,
                                "replayed": false
                              }
                            }
                          ]
                        }
                        """);
        assertThat(replacements.getFirst().getWith()).isEqualTo("us-2");
    }

    @Test
    void oneMeshThatIsRefusedStopsNoOther() {
        Run run = cli().run("regions", "leave", "us-1", "--all-meshes", "--reason", "closed", "--yes");

        assertThat(run.exitCode()).isEqualTo(5);
        assertThat(run.out()).isEqualTo("mesh/bookinfo: region/us-1 left at 65.7\n");
        assertThat(run.err())
                .isEqualTo(
                        "error: mesh payments: region us-1 is the home of mesh payments; hand the home over first\n");
        assertThat(leaves).hasSize(2);
    }

    @Test
    void aReasonIsRequired() {
        assertThat(cli().run("regions", "join", "us-2", "--mesh", "bookinfo"))
                .isEqualTo(new Run(2, "", "error: missing: --reason=TEXT\n"));
        assertThat(server.calls()).isZero();
    }
}
