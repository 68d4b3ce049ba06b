"""A run on a cluster of two nodes of which one is killed; only where Ray is installed."""

import pytest

from tests.ensemble.fake_simulator import DESCRIPTION, fake, plan
from tests.ensemble.stored import same
from twocurves.ensemble.executor import execute
from twocurves.ensemble.faults import Interrupted
from twocurves.ensemble.microbatch import MICRO_BATCH
from twocurves.ensemble.simulator import SimulatorError
from twocurves.errors import BadInputError

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]

PLAN = plan(draws=3000)
NODE = {"num_cpus": 1, "object_store_memory": 80 << 20}


@pytest.fixture(scope="module")
def cluster():
    ray = pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={**NODE, "include_dashboard": False})
    made.second = made.add_node(**NODE)
    ray.init(address=made.address, log_to_driver=False)
    yield made
    ray.shutdown()
    made.shutdown()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    place = tmp_path_factory.mktemp("whole") / "run"
    execute(PLAN, DESCRIPTION, fake(failing=40), place)
    return place


def test_a_node_killed_in_mid_run_changes_no_bit(cluster, whole, tmp_path):
    from twocurves.ensemble.ray_executor import RayExecutor

    executor = RayExecutor()
    assert executor.workers == 2
    killed: list[int] = []

    def kill_one(done, _asked, _failed):
        if done >= 600 and not killed:
            killed.append(done)
            cluster.remove_node(cluster.second, allow_graceful=False)

    execute(
        PLAN,
        DESCRIPTION,
        fake(failing=40, seconds=0.05),
        tmp_path,
        executor=executor,
        chunk=3,
        progress=kill_one,
    )
    cluster.add_node(**NODE)
    assert killed
    assert same(whole, tmp_path)


def test_a_stop_leaves_a_run_to_go_on_with(cluster, whole, tmp_path):
    from twocurves.ensemble.ray_executor import RayExecutor

    done = [0]
    with pytest.raises(Interrupted):
        execute(
            PLAN,
            DESCRIPTION,
            fake(failing=40, seconds=0.05),
            tmp_path,
            executor=RayExecutor(),
            chunk=8,
            progress=lambda drawn, *_: done.append(drawn),
            stop=lambda: done[-1] >= 500,
        )
    execute(PLAN, DESCRIPTION, fake(failing=40), tmp_path)
    assert same(whole, tmp_path)


def test_faults_are_the_same_as_at_home(cluster, tmp_path):
    from twocurves.ensemble.ray_executor import RayExecutor

    run = execute(
        plan(), DESCRIPTION, fake(always_killing=(2,)), tmp_path / "a", executor=RayExecutor(), chunk=2
    )
    assert run.counts.causes == {"worker died": MICRO_BATCH}
    with pytest.raises(SimulatorError, match="could not be built: TypeError"):
        execute(plan(), DESCRIPTION, fake(nonsense=1), tmp_path / "b", executor=RayExecutor())
    with pytest.raises(BadInputError, match="lives in the memory of one process"):
        execute(plan(), DESCRIPTION, fake(), "memory://ray", executor=RayExecutor())
