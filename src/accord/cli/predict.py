"""stub"""
def predict() -> None:
    """stub"""
