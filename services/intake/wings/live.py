"""What is followed as it goes on, and who wakes it."""

from dataclasses import dataclass

from redis.asyncio import Redis

from services.intake.service.board import Boards
from services.intake.service.board_streams import BoardStreams
from services.intake.service.booths import Booths
from services.intake.service.streams import Streams
from services.intake.service.wakes import Listener, Wakes, valkey
from services.intake.wings.ground import Ground
from shared.settings import CommonSettings


@dataclass(frozen=True, slots=True)
class Live:
    """What is followed as it goes on, chats and boards, and what wakes it here and in other processes."""

    redis: Redis
    streams: Streams
    boards: BoardStreams
    wakes: Wakes

    def listener(self) -> Listener:
        """Who hears the other processes."""
        return Listener(self.redis, self.streams, self.boards, self.wakes.sender)


def live_of(ground: Ground, common: CommonSettings) -> Live:
    """Streams of chats and boards, within what connections there may be."""
    pipes, redis = ground.pipes, valkey(common.redis_url)
    streams = Streams(db=pipes.db, most=max(1, common.max_connections // 2))
    boards = BoardStreams(
        db=pipes.db,
        boards=Boards(booths=Booths(zone=ground.settings.booth_zone)),
        clock=ground.clock,
        most=max(1, common.max_connections // 8),
    )
    return Live(redis, streams, boards, Wakes(redis, streams, boards))
